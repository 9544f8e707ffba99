"""The replay site: a small simulated internet of think tanks on loopback, shared by the demo and the tests.

Here belong the institutes, their articles, their markup, the server that shows them, and the demo that drives an installation through
their fortnight. `truth` and all that it rests on import no parser, extractor or matcher, so that what is tested cannot vouch for itself.
"""
