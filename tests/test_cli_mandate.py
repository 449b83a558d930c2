"""Authority with nothing but commands, at three desks over a real relay: given, exceeded, revoked, checked; offers accepted."""

from pathlib import Path
from typing import Any

from cli_stage import Stage, stage


def told(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def item(one: Stage, name: str, which: str) -> dict[str, Any]:
    found: dict[str, Any] = told(one, name, "show", which)["items"][0]
    return found


def begun(one: Stage) -> None:
    for name in ("jack", "robert", "anatoly"):
        one.person(name)
    one.play("jack> open-room --title Letters --side Washington")
    one.bring("jack", "robert", side="Washington", role="authorised-envoy")
    one.bring("jack", "anatoly", "robert", side="Moscow", role="authorised-envoy")


def test_a_mandate_is_given_exceeded_knowingly_revoked_and_offers_within_it_are_accepted(
    tmp_path: Path,
) -> None:
    with stage(tmp_path) as one:
        begun(one)
        one.play("""
            robert> say --mandate authorised -- too early
              not an offer: no principal of Washington has given its author a mandate
            robert> mandate give --to jack --for x --level authorised
              exit 7
              Only a principal of Washington gives a mandate
            jack> mandate give --to anatoly --for x --level authorised
              exit 2
              speaks for Moscow
            jack> mandate give --to robert --for missiles --level authorised --issue missiles=out,later --until 2d
              Robert (Washington) has a mandate of Washington, for what they say from here on
            robert~ mandate show robert
              Robert (Washington): authorised, stands; Jack (Washington) vouches for it
              only on missiles (out, later)
            robert> say --mandate authorised --states missiles=stay -- beyond
              exit 7
              “missiles: stay” lies outside your mandate
              --beyond-mandate
              kept as draft
            robert> say --draft --beyond-mandate
              not an offer: “missiles: stay” lies beyond its author's mandate
            robert> say --mandate authorised --register conditional --states missiles=out -- if you, we
              counts as an offer of Washington: Jack, a principal of Washington, gave its author a mandate for it
            anatoly~ show
              #3  conditional
            anatoly> accept 2
              exit 7
              #2 is not an offer and cannot be accepted
            jack> accept 3
              exit 2
              an offer of your own side
            anatoly> accept 3
              #3 is accepted for Moscow, by your word
            anatoly> accept 3
              exit 2
              Your side has accepted #3 already
            robert~ show 3
              accepted for Moscow by Anatoly (Moscow)
              never unanswered
            robert> status
              never #3 (yours) unanswered
            jack> mandate revoke
              is revoked, for what they say once they have seen this
            jack> mandate revoke
              exit 2
            robert~ mandate show
              revoked
            robert> say --mandate authorised -- after
              exit 7
              your mandate was revoked
            robert> say -- only talk
            anatoly> mandate claim --for talks --level exploratory
              nobody has vouched for it
            anatoly> accept 9
              exit 2
        """)
        offered, beyond = item(one, "anatoly", "3"), item(one, "anatoly", "2")
        assert offered["offer"] == {
            "counts": True,
            "why": "Jack, a principal of Washington, gave its author a mandate for it",
            "side": "Washington",
            "beyond_mandate": False,
        }
        assert offered["mandate_basis"] == "vouched"
        assert [(by["side"], by["by"]) for by in offered["accepted_by"]] == [("Moscow", "Anatoly")]
        assert beyond["offer"]["beyond_mandate"] is True
        (given,) = told(one, "anatoly", "mandate", "show", "robert")["mandates"]
        assert (given["who"], given["by"], given["status"], given["asserted"], given["verified"]) == (
            "Robert",
            "Jack",
            "revoked",
            False,
            None,
        )


def test_a_claim_is_challenged_answered_by_an_act_and_checked_by_the_other_side(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        begun(one)
        one.play("""
            anatoly> mandate claim --for talks --level authorised --until 9d
            anatoly> say --mandate authorised --register formal -- Moscow proposes
              counts as an offer of Moscow: its author alone says so: no principal of Moscow is here
            robert~ mandate show
              says Anatoly, and nobody vouches for it
              nobody of another side has checked it
            robert> mandate challenge --to jack -- something
              exit 2
              of your own side
            robert> mandate challenge --to anatoly -- the phrase “sober minds” in Pravda on Sunday
              is asked to show their authority
            anatoly~ mandate show
              the phrase “sober minds” in Pravda on Sunday
              not answered yet
            anatoly> note --source Pravda --at 2020-01-05 -- sober minds
            anatoly> mandate answer --item 2
              whether it does is for Washington to say
            anatoly> mandate checked --how myself
              exit 2
              only Washington can say that it checked
            robert~ show 2
              sober minds
            robert> mandate checked --how read_in_the_paper --item 2
              has checked the authority of Anatoly (Moscow)
            jack~ mandate show anatoly
              checked by Robert (Washington), authorised envoy
              read_in_the_paper, see #2
            jack> accept 1
              is accepted for Washington
        """)
        (given,) = told(one, "jack", "mandate", "show")["mandates"]
        assert given["asserted"] is True
        assert (given["verified"]["by"], given["verified"]["how"], given["verified"]["item"]) == (
            "Robert",
            "read_in_the_paper",
            "#2",
        )
        (asked,) = told(one, "jack", "mandate", "show")["challenges"]
        assert [answer["item"] for answer in asked["answers"]] == ["#2"]
