"""Whom the guard before the Dagster UI lets through: what a browser sends for the UI's own pages, and what it sends for others'."""

import pytest

from pipelines.webserver import refusal

OWN = {"host": "127.0.0.1:3000"}
PROXIED = {"host": "127.0.0.1", "x-forwarded-host": "ui.example.org"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/assets/feeds", OWN),
        ("GET", "/server_info", {"host": "[::1]:3000"}),
        ("POST", "/graphql", OWN | {"origin": "http://127.0.0.1:3000"}),
        ("POST", "/graphql", {"host": "localhost:3000", "origin": "http://localhost:3000"}),
        ("POST", "/graphql", OWN),  # a script
        ("POST", "/graphql", PROXIED | {"origin": "https://ui.example.org"}),
        ("", "/graphql", PROXIED | {"origin": "https://ui.example.org"}),  # a websocket
        ("GET", "/graphql", OWN | {"accept": "text/html,*/*"}),  # the page to try queries on
    ],
)
def test_the_ui_s_own_pages_are_let_through(method, path, headers):
    assert refusal(method, path, headers) == ""


@pytest.mark.fault("O133")
@pytest.mark.parametrize(
    ("method", "path", "headers", "why"),
    [
        ("GET", "/graphql", OWN | {"accept": "image/*"}, "by POST"),  # a picture's address
        ("GET", "/graphql/", OWN, "by POST"),
        ("POST", "/graphql", OWN | {"origin": "https://elsewhere.example"}, "elsewhere.example"),  # a form
        ("POST", "/graphql", OWN | {"origin": "null"}, "a page of null"),
        ("", "/graphql", OWN | {"origin": "http://127.0.0.1:8000"}, "127.0.0.1:8000"),  # a websocket of another program's page
        ("POST", "/graphql", PROXIED | {"origin": "https://desk.example.org"}, "desk.example.org"),
        ("POST", "/graphql", {"host": "elsewhere.example:3000", "origin": "http://elsewhere.example:3000"}, "not the server of"),
        ("GET", "/server_info", {"host": "127.0.0.1.elsewhere.example"}, "not the server of"),
        ("GET", "/server_info", {}, "not the server of"),
    ],
)
def test_o133_what_another_page_has_the_browser_ask_for_is_refused(method, path, headers, why):
    assert why in refusal(method, path, headers)


def test_whoever_lets_everybody_in_may_call_it_by_any_name_and_still_no_other_page_may():
    assert refusal("GET", "/", {"host": "monitor.example.org:3000"}, any_name=True) == ""
    assert refusal("POST", "/graphql", {"host": "monitor.example.org", "origin": "https://elsewhere.example"}, any_name=True)
