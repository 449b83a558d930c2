"""What is told in confidence, by commands at three desks over a real relay: standby texts, need-to-know lists, private links."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli_stage import Stage, stage

CANARY = "The Secretary-General proposes a trade"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Dean and Eve of two sides and Andrew between them; Dean and Andrew also have a room of two."""
    with stage(tmp_path_factory.mktemp("confidence")) as one:
        for name in ("dean", "andrew", "eve"):
            one.person(name)
        one.play("""
            dean> open-room --title Plenary --side A
            dean> open-room --title Aside --side A --kind shuttle
        """)
        for title, guests in (("Plenary", ("andrew", "eve")), ("Aside", ("andrew",))):
            for place, guest in enumerate(guests):
                role, side = ("go-between", "U") if guest == "andrew" else ("principal", "B")
                one.invite("dean", guest, "--side", side, "--role", role, "--room", title)
                one.play(f"{guest}> join {{line}} --words-fd 0 << {{words}}")
                for member in ("dean", *guests[:place]):
                    one.play(f"""
                        {member}~ requests --room {title}
                          {guest.capitalize()} ({side})
                        {member}> admit {guest} --room {title}
                    """)
                one.play(f"""
                    {guest}~ room --room {title}
                      readable by {place + 2}
                """)
        yield one


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type("--json", *words)
    assert done.code == 0, done.shown
    return done.value


def test_a_text_is_lodged_signalled_and_released_as_its_holders_own(table: Stage, tmp_path: Path) -> None:
    table.told["file"] = str(tmp_path / "export.json")
    table.play(f"""
        dean> standby lodge --room Plenary --with Andrew --signal Call -- {CANARY}
          exit 2
          Eve would read this text too
        dean> standby lodge --room Aside --with Eve --signal Call -- {CANARY}
          exit 2
          Nobody here is called Eve
        dean> standby lodge --room Aside --with Andrew --signal Call --as "the UN" -- {CANARY}
          The text is lodged with Andrew (U)
        andrew~ standby show --room Aside
          held by Andrew (U): lodged
          signal: Call
          to be issued as the UN
          │ {CANARY}
        andrew> standby release --room Aside --to Plenary
          exit 4
          The signal has not been given; Dean gives it
        andrew> standby signal --room Aside
          exit 2
          no such standby text
        andrew> export --room Aside --to {{file}}
        andrew> show --room Aside
          lodges a standby text with Andrew (U)
          never {CANARY}
        dean> standby signal --room Aside
          Andrew (U) may release the text
        dean> standby signal --room Aside
          exit 2
          already
        andrew~ status
          the signal for a standby text is given
        andrew> standby release --room Aside --to Nowhere
          exit 2
          No room here is called
        andrew> standby release --room Aside --to Plenary
          said as your own paper, #1 in “Plenary”
        andrew> standby release --room Aside --to Plenary
          exit 2
          no such standby text
        eve~ show --room Plenary
          corridor talk · Andrew (U), go-between
          │ {CANARY}
          never Dean (A) gave
        dean~ standby show --room Aside
          released
        dean> standby cancel --room Aside
          exit 2
    """)
    exported = (tmp_path / "export.json").read_text("utf-8")
    assert CANARY not in exported
    assert CANARY.encode().hex() not in exported
    assert [row["event"] for row in json.loads(exported)["events"] if row["kind"] == "standby"] == [None]
    (one,) = value(table, "dean", "standby", "show", "--room", "Aside")["standby"]
    assert (one["status"], one["text"], one["holder_name"], one["mine"]) == (
        "released",
        CANARY,
        "Andrew",
        True,
    )
    assert one["at_ms"] <= one["signalled_ms"] <= one["released_ms"]
    (item,) = value(table, "eve", "show", "--room", "Plenary")["items"]
    assert item["carried"] is None


def test_the_words_of_a_standby_text_are_on_no_third_screen(table: Stage) -> None:
    table.play("""
        dean> standby lodge --room Plenary --with Andrew --signal "A wink" --readers-know -- The hidden paragraph
          ! Eve can read it too
        eve~ standby show --room Plenary
          standby text by Dean (A), held by Andrew (U): lodged
          never hidden paragraph
          never wink
        eve> show --room Plenary
          never hidden paragraph
        andrew~ standby show --room Plenary
          │ The hidden paragraph
    """)
    (seen,) = value(table, "eve", "standby", "show", "--room", "Plenary")["standby"]
    assert (seen["text"], seen["signal"], seen["as"], seen["mine"], seen["held"]) == (
        None,
        None,
        None,
        False,
        False,
    )
    table.play("""
        dean> standby signal --room Plenary
        andrew~ standby release --room Plenary
          The text is yours to make public:
          │ The hidden paragraph
        dean> standby lodge --room Plenary --with Andrew --signal "A nod" --readers-know -- Another one
        dean> standby cancel --room Plenary
          every desk in the room that runs unmodified software lets go of it
        andrew~ standby show --room Plenary
          cancelled
          never Another one
        andrew> search -- Another one
          holds nothing
    """)


def test_parallel_channels_are_laid_side_by_side_and_neither_learns_of_it(table: Stage) -> None:
    public = value(table, "dean", "say", "--room", "Plenary", "--states", "Turkey=stay", "--", "They stay.")
    private = value(
        table,
        "dean",
        "say",
        "--room",
        "Aside",
        "--states",
        "Turkey=go",
        "--states",
        "Talk=no",
        "--",
        "Gone by May.",
    )
    table.told |= {"public": str(public["label"])[1:], "private": str(private["label"])[1:]}
    heads = [value(table, "dean", "room", "--room", name)["head"] for name in ("Plenary", "Aside")]
    table.play("""
        dean> link add --title "Two stories" {public}@Plenary
          exit 2
          two or more different items
        dean> link add --title "Two stories" {public} {private}@Aside
          exit 2
          write ITEM@ROOM
        dean> link add --title "Two stories" {public}@Plenary 99@Aside
          exit 2
          no item 99
        dean> link add --title "Two stories" {public}@Plenary {private}@Aside
          kept on this desk alone
        dean> link show
          │ They stay.
          ! Turkey: they differ: stay (#{public} in “Plenary”); go (#{private} in “Aside”)
          ! Talk: stated only in #{private} in “Aside”: no
        andrew> link show
          No link
        andrew> search -- Two stories
          holds nothing
    """)
    (link,) = value(table, "dean", "link", "show")["links"]
    assert [(item["room_title"], item["text"], item["author_name"]) for item in link["items"]] == [
        ("Plenary", "They stay.", "Dean"),
        ("Aside", "Gone by May.", "Dean"),
    ]
    turkey, talk = link["differences"]
    assert (turkey["issue"], turkey["options"], "only_in" in turkey) == ("Turkey", ["stay", "go"], False)
    assert (talk["issue"], talk["options"], talk["only_in"]) == ("Talk", ["no"], [link["items"][1]["id"]])
    assert link["agrees"] is False
    table.play("""
        dean> link drop
          gone from this desk
        dean> link drop
          exit 2
          no such link
    """)
    assert [value(table, "dean", "room", "--room", name)["head"] for name in ("Plenary", "Aside")] == heads


def test_a_list_stands_beside_its_item_and_its_words_are_held_back_elsewhere(table: Stage) -> None:
    secret = "Nobody but us two may ever hear about this particular promise."
    said = value(table, "dean", "say", "--room", "Aside", "--", secret)
    table.told |= {"n": str(said["label"])[1:], "secret": secret, "id": str(said["id"])[:12]}
    table.play("""
        dean> need-to-know set --room Aside {n} --only Dean Andrew --only Kennedy
          only Dean, Andrew and Kennedy may know #{n}
          Kennedy may be told; nobody of that name is in this room
          never can read it already
        dean> need-to-know set --room Aside 99 --only Dean
          exit 2
          no item 99
        andrew~ show --room Aside {n}
          only Dean, Andrew and Kennedy may know this, says Dean (A)
        andrew> need-to-know set --room Aside {id} --only Andrew
          exit 2
          said by A
        andrew> say --room Plenary -- Listen: {secret}
          exit 7
          and Eve would read it
          kept as draft
        andrew> note --room Plenary --source Radio --at 1962-10-30 -- Listen: {secret}
          exit 7
        andrew> standby lodge --room Plenary --with Dean --signal Bell --readers-know -- {secret}
          exit 7
        dean> standby lodge --room Aside --with Andrew --signal Bell -- {secret}
        dean> standby signal --room Aside
        andrew~ standby show --room Aside
          signalled
        andrew> standby release --room Aside --to Plenary
          exit 7
        andrew> standby release --room Aside --to Plenary --beyond-list
          said as your own paper
        andrew> say --room Plenary -- They promise something.
        andrew> say --room Plenary --draft --beyond-list
          is said
        dean> need-to-know set --room Aside {n} --only Dean
          ! Andrew can read it already
        andrew~ show --room Aside {n}
          also in the hands of Andrew
        dean~ need-to-know show --room Aside
          Andrew has it since
    """)
    (term,) = value(table, "dean", "need-to-know", "show", "--room", "Aside")["terms"]
    assert (term["label"], term["people"], term["outside"]) == (said["label"], ["Dean"], ["Andrew"])
    assert [one["name"] for one in term["holders"]] == ["Dean", "Andrew"]
    assert term["holders"][0]["since_ms"] <= term["holders"][1]["since_ms"]
    (item,) = value(table, "dean", "show", "--room", "Aside", table.told["n"])["items"]
    assert item["need_to_know"]["people"] == ["Dean"]


def test_a_list_stands_beside_a_pledge_and_an_understanding_too(table: Stage) -> None:
    table.play("""
        dean> pledge make --room Plenary --to B -- The missiles go within five months of this very day.
        dean> understanding offer --room Plenary --subject Missiles --with B
    """)
    pledge = value(table, "dean", "pledge", "show", "--room", "Plenary")["pledges"][0]["id"]
    spoken = value(table, "dean", "understanding", "show", "--room", "Plenary")["understandings"][0]["id"]
    table.told |= {"pledge": pledge[:12], "spoken": spoken[:12]}
    table.play("""
        dean> need-to-know set --room Plenary {pledge} --only Dean Eve
          ! Andrew can read it already
        dean> need-to-know set --room Plenary {spoken} --only Dean Eve
        eve~ pledge show --room Plenary
          only Dean and Eve may know this, says Dean (A)
        eve~ understanding show --room Plenary
          only Dean and Eve may know this, says Dean (A)
        dean> say --room Aside -- So: the missiles go within five months of this day.
          exit 7
          Andrew would read it
    """)
    found = value(table, "eve", "pledge", "show", "--room", "Plenary")["pledges"]
    assert found[0]["need_to_know"]["people"] == ["Dean", "Eve"]
