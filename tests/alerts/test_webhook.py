"""Webhooks against a real server on loopback, through the gate that every request of ours passes."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from alerts.render import render
from alerts.webhook import Posted, Webhook, secret
from assets.fetching.posting import post
from assets.fetching.records import Policy

KEYS = ("a key of at least thirty-two characters", "the key that was used until yesterday..")


class Receiver(HTTPServer):
    """Answers with `status`, keeps what was posted; hangs up without an answer where the status is None."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.posted = 200, []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, dict(self.headers.items()), body))
        if self.server.status is not None:
            self.send_response(self.server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def webhook(receiver, newsroom_desk):
    policy = Policy(
        contact="https://thinkwatch.example/robot", connect_to={"hooks.example": f"127.0.0.1:{receiver.server_port}"}, total_seconds=10
    )

    def posted(url, headers, body):
        answer, reached = post(url, headers, body, policy, newsroom_desk.now)
        barred = bool(answer.fault and answer.fault.kind == "blocked_address")
        return Posted(answer.status, answer.fault.message if answer.fault else "", reached, barred)

    return Webhook(posted, KEYS, lambda: newsroom_desk.now)


@pytest.fixture
def send(webhook, newsroom_desk):
    def sent(address="http://hooks.example/thinkwatch"):
        parcel = newsroom_desk.parcel(channel="webhook", address=address)
        return webhook.send(parcel, render(parcel, newsroom_desk.settings))

    return sent


def verified(headers, body, key):
    """As a receiver verifies that has read nothing but the Standard Webhooks page."""
    raw = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split()


def test_an_alert_is_posted_whole_and_signed(send, receiver, newsroom_desk):
    assert send().kind == "sent"
    (path, headers, body) = receiver.posted[0]
    told = json.loads(body)
    assert path == "/thinkwatch"
    assert (told["type"], told["id"]) == ("alert", headers["webhook-id"])
    (alert,) = told["alerts"]
    parcel = newsroom_desk.parcel()
    assert (alert["title"], alert["url"]) == (parcel.title, parcel.url)
    for mention in alert["mentions"]:
        field = parcel.title if mention["field"] == "title" else parcel.text
        assert field[mention["start"] : mention["end"]] == mention["matched"]
        assert mention["matched"] in mention["sentence"]
    assert all(verified(headers, body, secret(key, parcel.subscriber_id)) for key in KEYS)


def test_a_changed_body_and_another_subscribers_secret_do_not_verify(send, receiver, newsroom_desk):
    send()
    (_, headers, body) = receiver.posted[0]
    subscriber = newsroom_desk.parcel().subscriber_id
    assert not verified(headers, body + b" ", secret(KEYS[0], subscriber))
    assert not verified(headers, body, secret(KEYS[0], "somebody-else"))
    assert not verified(headers, body, secret("a key that nobody has ever given to us", subscriber))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, "sent"),
        (204, "sent"),
        (301, "temporary"),
        (400, "temporary"),
        (404, "temporary"),
        (410, "refused"),
        (429, "busy"),
        (503, "busy"),
    ],
)
def test_an_answer_means_what_it_says(send, receiver, status, kind):
    receiver.status = status
    assert send().kind == kind


def test_a_redirect_is_not_followed(send, receiver):
    receiver.status = 301
    send()
    assert len(receiver.posted) == 1


def test_a_line_that_breaks_after_the_post_is_uncertain(send, receiver):
    receiver.status = None
    assert send().kind == "uncertain"


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/hook", "http://169.254.169.254/latest", "http://127.0.0.1/hook", "ftp://hooks.example/"]
)
def test_an_address_inside_the_house_is_never_posted_to(send, receiver, address):
    reply = send(address)
    assert reply.kind in ("permanent", "busy")
    assert receiver.posted == []
    if address.startswith("http"):
        assert reply.kind == "permanent"


def test_a_receiver_that_is_down_is_posted_to_later(webhook, newsroom_desk):
    nobody = Policy(contact="https://thinkwatch.example/robot", connect_to={"hooks.example": "127.0.0.1:9"}, total_seconds=5)

    def posted(url, headers, body):
        answer, reached = post(url, headers, body, nobody, newsroom_desk.now)
        return Posted(answer.status, answer.fault.message, reached)

    down = Webhook(posted, KEYS, webhook.now)
    parcel = newsroom_desk.parcel(channel="webhook", address="http://hooks.example/")
    assert down.send(parcel, render(parcel, newsroom_desk.settings)).kind == "busy"


def test_the_outbox_posts_again_after_a_refusal_under_the_same_id(newsroom, webhook, receiver):
    newsroom.put(newsroom.candidate("Minsk"))
    newsroom.decide(
        newsroom.subscription("csto", subscriber=newsroom.subscriber(channel="webhook", address="http://hooks.example/thinkwatch"))
    )
    receiver.status = 503
    newsroom.deliver(webhook=webhook)
    receiver.status = 200
    newsroom.deliver(webhook=webhook, now=newsroom.now + timedelta(hours=2))
    assert newsroom.rows("SELECT state FROM deliveries") == [("sent",)]
    first, second = (json.loads(body)["id"] for _, _, body in receiver.posted)
    assert first == second
