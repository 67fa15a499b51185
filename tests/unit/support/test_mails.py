"""E-mails from the bucket into conversations: once each, whatever crashes, whoever wrote them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.conversations.conversation import State
from shared.domain.conversations.files import place_of
from shared.domain.conversations.mail_headers import own_reference
from shared.domain.conversations.mail_receipt import UnreadableReceipt, read_receipt
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from tests.support.crashes import CrashesAt
from tests.unit.support.world import BUCKET, EMAIL, INSTAGRAM, KEYS, MAILS, Support

pytestmark = pytest.mark.unit
PNG = b"\x89PNG\r\n\x1a\n rest"


def mail(text: str = "Where is S-1?", sender: str = "ayse@example.com", **headers: str) -> bytes:
    head = {"From": sender, "Message-ID": "<1@mail.example.com>", "Subject": "S-1"}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode() + b"\r\n" + text.encode()


def with_file(name: str = "photo.png", content: bytes = PNG) -> bytes:
    head = b'From: ayse@example.com\r\nMessage-ID: <f@x>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nSee the photo.\r\n--b\r\n"
    kind = b'Content-Type: image/svg+xml\r\nContent-Disposition: attachment; filename="%s"\r\n\r\n' % name.encode()
    return head + text + kind + content + b"\r\n--b--\r\n"


def test_a_mail_begins_a_conversation_and_its_object_goes() -> None:
    """The result of DMARC is kept with it, and the time at which SES took it."""
    support = Support()
    support.later(days=1)
    assert support.mail((MAILS / "gmail-reply-turkish.eml").read_bytes()) == []
    [(one, message)] = support.all_messages()
    assert (one.who, one.state, message.text) == (EMAIL, State.OPEN, "Teşekkürler, ama hâlâ gelmedi.")
    assert message.quoted.endswith("> Yolda.\n>")
    assert (message.verified, message.at.isoformat()) == (True, "2026-11-20T10:00:00+00:00")
    assert one.thread[-1] == "<CAF=1@mail.gmail.com>"
    assert support.bucket.kept == {}


@pytest.mark.parametrize(
    ("word", "verified"), [("PASS", True), ("FAIL", False), ("GRAY", None), ("PROCESSING_FAILED", None)]
)
def test_what_dmarc_says_is_kept(word: str, verified: bool | None) -> None:
    """A domain without a policy says nothing about the sender."""
    support = Support()
    support.mail(mail(), dmarc=word)
    assert [message.verified for _, message in support.all_messages()] == [verified]


def test_a_mail_that_is_delivered_again_is_one() -> None:
    """By SES, by its sender's server, and to a second address of ours."""
    support = Support()
    support.mail(mail())
    support.mail(mail(), "m2")
    support.told_of_mail("m1")
    assert len(support.all_messages()) == 1
    support.mail(mail("Something else with the same id"), "m3")
    assert len(support.all_messages()) == 2


def test_an_agent_answers_in_the_thread_and_the_reply_is_known() -> None:
    """From another address it is a conversation of its own that says which one it goes on from."""
    support = Support()
    support.mail(mail())
    [(one, _)] = support.all_messages()
    answer = support.answer(one.id)
    assert answer.references == ("<1@mail.example.com>",)
    named = {"References": f"{own_reference(answer.id)} <ses@x>", "In_Reply_To": "<ses@x>", "Message_ID": "<2@y>"}
    support.mail(mail("Thanks", **named), "m2")
    support.mail(mail("From work", "ayse@work.example", **named), "m3")
    by_text = {message.text: (owner.who, message.related) for owner, message in support.all_messages()}
    assert by_text["Thanks"] == (EMAIL, "")
    assert by_text["From work"] == ("email:ayse@work.example", one.id)
    assert support.seen(one.id).count(":") == 1


def test_a_forged_reference_leads_nowhere() -> None:
    support = Support()
    support.mail(mail(References=own_reference("a" * 26)))
    assert [message.related for _, message in support.all_messages()] == [""]


def test_a_hundred_automatic_replies_end() -> None:
    """They open nothing, wake nothing, and nothing is sent to them; a word of a person does."""
    support = Support()
    support.mail(mail())
    [(one, _)] = support.all_messages()
    support.answer(one.id)
    for number in range(100):
        support.mail(mail("I am away", Auto_Submitted="auto-replied", Message_ID=f"<{number}@x>"), f"a{number}")
        assert support.shown(one.id)[0].state is State.WAITING
    support.mail(mail("no such address", "MAILER-DAEMON@mx.example", Return_Path="<>"), "bounce")
    assert support.pool() == []
    assert len(support.handed) == 1
    assert len(support.all_messages()) == 103
    support.mail(mail("Back again", Message_ID="<back@x>"), "back")
    assert support.pool() == [one.id]


def test_our_own_mail_is_no_message() -> None:
    """A rule that forwards to ourselves would never end."""
    support = Support()
    support.mail(mail(sender="Support@Kervan.example"))
    assert support.all_messages() == []
    assert support.bucket.kept == {}


def test_a_mail_that_names_nobody_stays_where_it_is() -> None:
    """The bucket's rule deletes it; it blocks nobody."""
    support = Support()
    assert support.mail(b"From: a@b.example, c@d.example\r\n\r\nx") == []
    assert list(support.bucket.kept) == ["mail/m1"]
    assert support.all_messages() == []


def test_files_are_kept_beside_the_message() -> None:
    """Their type is what their bytes say; a program is named and not kept; a link lasts five minutes."""
    support = Support()
    support.mail(with_file())
    [(one, message)] = support.all_messages()
    [file] = message.attachments
    assert (file.name, file.type, file.place) == ("photo.png", "image/png", place_of(message.id, 1))
    assert support.bucket.kept == {file.place: PNG}
    status, link = support.ask("GET", f"/v1/conversations/{one.id}/files/{message.id}/1")
    assert (status, link["shown"], link["type"]) == (200, True, "image/png")
    _, shown = support.ask("GET", f"/v1/conversations/{one.id}")
    assert shown["messages"][0]["attachments"][0]["number"] == 1
    support.mail(with_file("run.exe", b"MZ"), "m2")
    assert [f.refused for _, m in support.all_messages() for f in m.attachments] == ["", "program"]
    support.mail(with_file("other.png"), "m3", virus="FAIL")
    assert list(support.bucket.kept) == [file.place]


def test_svg_and_html_are_downloads() -> None:
    """Whatever their type says."""
    support = Support()
    support.mail(with_file("x.svg", b"<svg onload=alert(1)>"))
    [(one, message)] = support.all_messages()
    _, link = support.ask("GET", f"/v1/conversations/{one.id}/files/{message.id}/1")
    assert (link["shown"], link["type"]) == (False, "application/octet-stream")
    assert json.loads(link["url"].partition("?")[2])["shown"] is False


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1" * 30, "²"])
def test_there_is_no_other_file(number: str) -> None:
    """Neither of this message nor through another customer's conversation."""
    support = Support()
    support.mail(with_file())
    [(one, message)] = support.all_messages()
    assert support.ask("GET", f"/v1/conversations/{one.id}/files/{message.id}/{number}")[0] == 404
    other = support.taken(INSTAGRAM, "ig1")
    assert support.ask("GET", f"/v1/conversations/{other.conversation}/files/{message.id}/1")[0] == 404
    assert support.ask("GET", f"/v1/conversations/{one.id}/files/{other.id}/1")[0] == 404
    assert support.ask("POST", f"/v1/conversations/{one.id}/files/{message.id}/1", {})[0] == 405


def test_what_ses_takes_for_spam_waits_behind_the_others() -> None:
    """It may be wrong: an agent decides. In a conversation that goes on it is one message more."""
    support = Support()
    support.mail(mail(), spam="FAIL")
    [(one, _)] = support.all_messages()
    assert (one.state, one.priority, one.tags) == (State.OPEN, "low", ("spam?",))
    again = Support()
    again.mail(mail())
    again.mail(mail("More", Message_ID="<2@x>"), "m2", spam="FAIL")
    assert {(owner.priority, owner.tags) for owner, _ in again.all_messages()} == {("normal", ())}


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_loses_nothing(after: bool) -> None:
    """Offered again, the mail is there once, with its file, and its object is gone."""
    crashes = 0
    for at in range(40):
        support = Support(CrashesAt(at, after=after))
        failed = support.mail(with_file())
        crashes += bool(failed)
        while failed:
            failed = support.told_of_mail("m1")
        [(_, message)] = support.all_messages()
        assert list(support.bucket.kept) == [place_of(message.id, 1)]
        assert [event.name for event in support.events(EMAIL)].count("Message Received") == 1
    assert crashes >= 7


@pytest.mark.parametrize(
    "change",
    [
        {"notificationType": "Bounce"}, {"mail": []}, {"receipt": 7}, {"mail": {"timestamp": "soon"}},
        {"receipt": {"action": {"bucketName": "other", "objectKey": "mail/x"}}},
        {"receipt": {"action": {"bucketName": BUCKET, "objectKey": "files/x"}}},
        {"receipt": {"action": {"bucketName": BUCKET, "objectKey": "mail/../files/x"}}},
        {"receipt": {"action": {"bucketName": BUCKET, "objectKey": ["mail/x"]}}},
    ],
)  # fmt: skip
def test_a_notification_that_is_none(change: dict[str, Any]) -> None:
    """It becomes a dead letter, and reads no other object."""
    said = json.loads((MAILS / "received.json").read_text()) | change
    with pytest.raises(UnreadableReceipt):
        read_receipt(json.dumps(said), BUCKET)
    for body in ("", "[]", "null", "[" * 100_000):
        with pytest.raises(UnreadableReceipt):
            read_receipt(body, BUCKET)


def test_a_document_is_a_download_of_no_type() -> None:
    """Its type is told to agents, and not to their browsers."""
    support = Support()
    support.mail(with_file("invoice.pdf", b"%PDF-1.7"))
    [(one, message)] = support.all_messages()
    assert message.attachments[0].type == "application/pdf"
    _, link = support.ask("GET", f"/v1/conversations/{one.id}/files/{message.id}/1")
    assert (link["shown"], link["type"], link["name"]) == (False, "application/octet-stream", "invoice.pdf")


def test_spam_of_a_customer_who_is_known_is_not_marked() -> None:
    """His conversation on another channel is open: the mail goes on from there."""
    support = Support()
    support.taken(INSTAGRAM, "i1")
    support.link(EMAIL, INSTAGRAM)
    support.mail(mail(), spam="FAIL")
    assert {(owner.tags, owner.priority) for owner, _ in support.all_messages()} == {((), "normal")}


def test_a_time_ahead_is_now() -> None:
    """Clocks differ; a message of tomorrow would stand below every answer."""
    support = Support()
    support.clock.time = datetime(2026, 11, 1, tzinfo=UTC)
    support.mail(mail())
    assert [message.at for _, message in support.all_messages()] == [support.clock.time]


def test_of_an_erased_person_no_file_is_kept() -> None:
    """His mail is refused for a while, as his events are."""
    support = Support()
    key = KEYS(parse_identifier(EMAIL))
    until = milliseconds(support.clock.time + timedelta(days=30))
    support.customers_table.put({"pk": key, "sk": "erased", "erasure": "e1", "until": until})
    assert support.mail(with_file()) == []
    assert support.all_messages() == []
    assert support.bucket.kept == {}
