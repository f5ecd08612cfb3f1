"""The resolver answers over real UDP and TCP, by the table that was published last."""

from __future__ import annotations

import socket
from datetime import timedelta

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from harness.dial import Directory, NameNotFound, resolve
from harness.errors import MachineFailed
from harness.machines.processes import Spawner
from harness.machines.resolver import AnswerSet, Resolver
from harness.machines.workspace import Workspace
from harness.wait import until

SOA = AnswerSet(900, ("ns-1.awsdns-01.net. hostmaster.example.com. 1 7200 900 1209600 86400",))
TABLE = {
    ("labelmintit.com", "SOA"): SOA,
    ("labelmintit.com", "NS"): AnswerSet(172800, ("ns-1.awsdns-01.net.", "ns-2.awsdns-02.org.")),
    ("labelmintit.com.", "A"): AnswerSet(60, ("127.0.1.1", "127.0.1.2")),
    ("labelmintit.com", "TXT"): AnswerSet(300, ('"v=spf1 -all" "two"',)),
    ("DB.LabelMintIT.com", "CNAME"): AnswerSet(30, ("primary.us-east-1.rds.amazonaws.com",)),
    ("primary.us-east-1.rds.amazonaws.com", "A"): AnswerSet(5, ("127.0.1.9",)),
    ("gone.labelmintit.com", "CNAME"): AnswerSet(30, ("nowhere.labelmintit.com",)),
    ("away.labelmintit.com", "CNAME"): AnswerSet(30, ("elsewhere.example.org",)),
    ("loop.labelmintit.com", "CNAME"): AnswerSet(30, ("loop.labelmintit.com",)),
    ("a.deep.labelmintit.com", "A"): AnswerSet(30, ("127.0.1.7",)),
    ("big.labelmintit.com", "A"): AnswerSet(30, tuple(f"127.1.1.{n}" for n in range(100))),
}


@pytest.fixture(autouse=True)
def _published(resolver: Resolver) -> None:
    resolver.publish(TABLE)


def ask(resolver: Resolver, name: str, kind: str = "A", *, tcp: bool = False) -> dns.message.Message:
    how = dns.query.tcp if tcp else dns.query.udp
    return how(dns.message.make_query(name, kind), resolver.address, port=resolver.port, timeout=2)


def texts(reply: dns.message.Message) -> list[str]:
    return [record.to_text() for rrset in reply.answer for record in rrset]


def directory(resolver: Resolver) -> Directory:
    return Directory((resolver.address, resolver.port))


def test_an_address_is_answered_with_its_ttl(resolver: Resolver) -> None:
    reply = ask(resolver, "labelmintit.com")

    assert texts(reply) == ["127.0.1.1", "127.0.1.2"]
    assert reply.answer[0].ttl == 60


@pytest.mark.parametrize("name", ["LABELMINTIT.COM", "labelmintit.com.", "LabelMintIt.Com"])
def test_names_are_compared_without_case_and_without_the_final_dot(resolver: Resolver, name: str) -> None:
    assert resolve(directory(resolver), name).addresses == ("127.0.1.1", "127.0.1.2")


def test_the_whole_chain_is_in_the_answer(resolver: Resolver) -> None:
    """A client learns every TTL on the way, and keeps the answer for the smallest."""
    assert texts(ask(resolver, "db.labelmintit.com")) == ["primary.us-east-1.rds.amazonaws.com.", "127.0.1.9"]
    assert resolve(directory(resolver), "db.labelmintit.com").ttl == 5


def test_a_cname_itself_can_be_asked_for(resolver: Resolver) -> None:
    assert texts(ask(resolver, "db.labelmintit.com", "CNAME")) == ["primary.us-east-1.rds.amazonaws.com."]


def test_other_types_are_answered(resolver: Resolver) -> None:
    assert texts(ask(resolver, "labelmintit.com", "TXT")) == ['"v=spf1 -all" "two"']
    assert len(texts(ask(resolver, "labelmintit.com", "NS"))) == 2
    assert texts(ask(resolver, "labelmintit.com", "SOA"))[0].endswith(" 1 7200 900 1209600 86400")


def test_an_unknown_name_of_a_zone_does_not_exist_for_the_time_that_the_zone_says(resolver: Resolver) -> None:
    reply = ask(resolver, "nothing.labelmintit.com")

    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert reply.authority[0].ttl == 900


@pytest.mark.parametrize(("name", "kind"), [("labelmintit.com", "AAAA"), ("deep.labelmintit.com", "A")])
def test_a_name_without_such_a_record_exists_all_the_same(resolver: Resolver, name: str, kind: str) -> None:
    reply = ask(resolver, name, kind)

    assert reply.rcode() == dns.rcode.NOERROR
    assert not reply.answer
    assert reply.authority


@pytest.mark.parametrize("name", ["example.org", "com", "."])
def test_names_of_others_are_refused(resolver: Resolver, name: str) -> None:
    assert ask(resolver, name).rcode() == dns.rcode.REFUSED


def test_a_chain_that_leads_nowhere_says_so(resolver: Resolver) -> None:
    assert ask(resolver, "gone.labelmintit.com").rcode() == dns.rcode.NXDOMAIN
    assert texts(ask(resolver, "away.labelmintit.com")) == ["elsewhere.example.org."]
    with pytest.raises(NameNotFound):
        resolve(directory(resolver), "loop.labelmintit.com")


def test_an_answer_too_long_for_udp_is_cut_and_whole_over_tcp(resolver: Resolver) -> None:
    with pytest.raises(dns.message.Truncated):
        dns.query.udp(
            dns.message.make_query("big.labelmintit.com", "A"),
            resolver.address,
            port=resolver.port,
            timeout=2,
            raise_on_truncation=True,
        )
    assert len(texts(ask(resolver, "big.labelmintit.com", tcp=True))) == 100


def test_a_new_table_replaces_all_of_the_old_one_when_publish_returns(resolver: Resolver) -> None:
    for number in range(20):
        resolver.publish({("labelmintit.com", "A"): AnswerSet(1, (f"127.0.2.{number}",))})
        assert (f"127.0.2.{number}",) == resolve(directory(resolver), "labelmintit.com").addresses
    assert ask(resolver, "db.labelmintit.com").rcode() == dns.rcode.REFUSED


def test_a_record_that_cannot_be_served_is_named_and_the_others_are_served(resolver: Resolver) -> None:
    bad = {("bad.labelmintit.com", "A"): AnswerSet(1, ("not an address",))}
    with pytest.raises(MachineFailed, match=r"bad\.labelmintit\.com A not an address"):
        resolver.publish({**TABLE, **bad})

    assert resolve(directory(resolver), "labelmintit.com").ttl == 60


def test_noise_does_not_silence_it(resolver: Resolver) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for noise in (b"", b"\0", b"\xff" * 12, b"\xc0\x0c" * 300, bytes(range(256)), b"\0\1" * 6 + b"\x3f"):
            line.sendto(noise, (resolver.address, resolver.port))

    assert texts(ask(resolver, "labelmintit.com"))


def test_a_killed_resolver_is_silent_and_knows_the_newest_table_when_it_is_back(resolver: Resolver) -> None:
    resolver.kill()
    assert not resolver.is_running()
    with pytest.raises(NameNotFound):
        resolve(directory(resolver), "labelmintit.com", timeout=0.2)

    resolver.publish({("labelmintit.com", "A"): AnswerSet(1, ("127.0.3.3",))})
    resolver.start()
    assert resolve(directory(resolver), "labelmintit.com").addresses == ("127.0.3.3",)


def test_a_frozen_resolver_does_not_answer_until_it_goes_on(resolver: Resolver) -> None:
    resolver.pause()
    assert resolver.is_paused()
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(dns.message.make_query("labelmintit.com", "A"), resolver.address, port=resolver.port, timeout=0.2)

    resolver.resume()
    assert texts(ask(resolver, "labelmintit.com"))


def test_an_address_in_use_is_named(resolver: Resolver, workspace: Workspace, spawner: Spawner) -> None:
    with pytest.raises(MachineFailed, match="cannot be used"):
        Resolver(resolver.address, resolver.port, spawner, workspace).start()


def test_it_ends_with_its_harness(resolver: Resolver, spawner: Spawner) -> None:
    spawner.close()
    until("the resolver has ended", lambda: not resolver.is_running(), within=timedelta(seconds=2))
