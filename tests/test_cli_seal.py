"""A text is sealed with nothing but commands, at two desks over a real relay, and verified from its file."""

import json
from pathlib import Path

import pytest

from backchannel.__main__ import main
from backchannel.crypto.time_stamps import read_request
from backchannel.desk.commands.seals import draft_words
from backchannel.errors import BackchannelError, Exit
from backchannel.moves.seal import parse
from backchannel.wire.codec import encode
from cli_stage import Stage, stage
from made_up_tsa import Authority, response

WORDS = {
    "title": "Exchange of 27 and 28 October",
    "dated": "1962-10-28T14:00:00Z",
    "sides": ["Washington", "Moscow"],
    "order": ["Moscow", "Washington"],
    "clauses": ["The weapons are withdrawn.", "The quarantine ends, and Cuba is not invaded."],
    "terms": {"turkey": "The missiles in Turkey go within five months."},
}


def person(one: Stage, name: str, *words: str) -> dict[str, object]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def test_two_people_seal_a_text_and_open_a_closed_term_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.json").write_text(json.dumps(WORDS), "utf-8")
    with stage(tmp_path) as one:
        one.told |= {"folder": str(tmp_path)}
        one.person("robert")
        one.person("anatoly")
        one.play("robert> open-room --title Letters --side Washington --role authorised-envoy")
        one.bring("robert", "anatoly", side="Moscow")
        one.play("""
            robert> seal agree
              exit 2
              There is no such text
            robert> seal draft {folder}/words.json
              is before the room, to be sealed by Washington, Moscow
            robert> seal freeze
              exit 4
              Waiting for the key of Moscow
            anatoly~ status
              “Exchange of 27 and 28 October” waits for your side's key
            anatoly> seal show
              waiting for the key of Moscow
            anatoly> seal key
              proves nothing about you until you anchor it
            robert~ status
              has every side's key: `backchannel desk seal freeze`
            robert~ seal freeze
              not a byte of it changes any more
            anatoly~ seal show
              clause 1, to be shown:
              │ The weapons are withdrawn.
              closed term turkey: term-turkey
              │ The missiles in Turkey go within five months.
              Whoever stops here has the words, as after any talk, and nothing that is signed.
            anatoly~ seal agree
              You have agreed.
              Waiting for Washington to agree to the same text.
            anatoly> seal save --to {folder}/early.json
              exit 4
              There is no sealed text yet
            robert~ seal agree
              You have agreed, and signed.
            anatoly~ seal go
              You have signed, and told the others that you hold every signature.
            robert~ seal go
              You have told the others
              a whole file that proves nothing: one person could have made all its keys
            robert> seal anchor --yes
              exit 4
            anatoly> status
              waits for your anchor
            robert> status
              never waits for your anchor
            anatoly~ seal show
              If you anchor: Afterwards everyone in the room can show for ever that Moscow sealed this text
            anatoly> seal anchor << no
              exit 2
              There is no terminal to ask on
            anatoly> seal anchor --yes
              that is the price of anchoring first
            robert~ seal show
              that is the advantage of anchoring later
              This completes the seal
            robert> seal anchor --yes
              Every side can show that every side sealed.
            anatoly~ seal show
              Every side can show that every side sealed.
            anatoly> show
              said for everyone which key of the sealed text is theirs
            robert> seal stamp --response {folder}/words.json
              exit 4
              asked for no time stamp
            robert> seal stamp --request {folder}/asked.tsq
              nothing was sent
        """)
        request = read_request((tmp_path / "asked.tsq").read_bytes())
        token = Authority(tmp_path / "authority").token(request.imprint, nonce=request.nonce)
        (tmp_path / "answer.tsr").write_bytes(response(token))
        one.play("""
            robert> seal stamp --response {folder}/words.json
              exit 9
              not an authority's answer
            robert> seal stamp --response {folder}/answer.tsr
              A time stamp by “Made-up Time Stamps” says that this text and every signature under it were there
            robert> seal save --to {folder}/closed.json
              with no closed term open
            anatoly> seal save --to {folder}/opened.json --open term-turkey
              with term-turkey open
            anatoly> seal save --to {folder}/opened.json
              exit 2
              is there already
            anatoly> seal save --to {folder}/none.json --open term-nothing
              exit 2
              no closed term term-nothing
        """)
        surfaced(one, tmp_path)
        known = {name: person(one, name, "seal", "known-as") for name in one.people}
    assert main(["verify", str(tmp_path / "public.json"), str(tmp_path / "public-statement.json")]) == Exit.OK
    shown = capsys.readouterr().out
    assert main(["verify", str(tmp_path / "public.html")]) == Exit.OK
    paged = capsys.readouterr().out
    assert paged.count("The page is as this program writes it") == 2
    assert all(line in paged for line in shown.splitlines() if not line.endswith(".json:"))
    assert (
        "what the sides say in public about an earlier sealed text, “Exchange of 27 and 28 October”" in shown
    )
    assert "LEFT OUT" in shown
    anchors = [f"--anchor={value['side']}={value['fingerprint']}" for value in known.values()]
    assert main(["verify", str(tmp_path / "closed.json"), *anchors]) == Exit.OK
    shown = capsys.readouterr().out
    assert shown.startswith("SEALED by Washington and Moscow")
    assert "A time stamp by “Made-up Time Stamps”" in shown
    assert "Turkey" not in shown
    assert main(["verify", str(tmp_path / "opened.json"), *anchors, "--json"]) == Exit.OK
    value = json.loads(capsys.readouterr().out)
    assert value["opened"] == {"term-turkey": "The missiles in Turkey go within five months."}
    assert [side["ownership"] for side in value["sides"]] == ["shown", "shown"]


def surfaced(one: Stage, folder: Path) -> None:
    """What the two sealed comes into the open as both agree, and as `verify` shows it to anybody."""
    (folder / "line").write_text("We kept our word.\n", "utf-8")
    one.play("""
        robert> surface propose --audience everyone --at 2020-01-01 --open term-nothing
          exit 2
          no closed term term-nothing
        anatoly> surface line --text-file {folder}/line
          Moscow's own words for the public
        robert~ surface propose --audience everyone --at 2020-01-01 --open term-turkey --leave-out 2
          opened: term-turkey
          stays closed: nothing
          left out, and seen to be: clause 2
          Moscow for itself:
          Waiting for Moscow to agree to all of it. Nothing is published before.
        robert> surface publish --to {folder}/public.json
          exit 4
          Moscow has not agreed
        anatoly~ status
          what to publish of a sealed text, for everyone, waits for your side's yes
        anatoly> surface preview
          What everyone will see from 20
          SEALED in the names of Washington and Moscow
          Clause 2: LEFT OUT of this file
          │ The missiles in Turkey go within five months.
          not sealed yet, “In public: Exchange of 27 and 28 October”
          │ We kept our word.
        anatoly> surface agree
          Every side has agreed; waiting to see that Washington knows it
        robert~ surface show
          Every side has agreed for good
    """)
    one.told |= {"draft": str(person(one, "robert", "surface", "statement")["draft"])[:12]}
    one.play("""
        anatoly~ seal key {draft}
          is given
        robert~ seal freeze {draft}
          The text is frozen
        robert> surface publish --to {folder}/public.json
          exit 4
          The words for the public are not sealed yet
        anatoly~ show
          proposes to make a sealed text of Washington and Moscow public, for everyone
    """)
    assert person(one, "robert", "report", "--to", str(folder / "report.json"))["days"]
    person(one, "robert", "seal", "draft", str(folder / "report.json"))
    texts = person(one, "robert", "seal", "show")["texts"]
    assert isinstance(texts, list)
    one.told |= {"said": next(text["id"] for text in texts if not text["complete"])[:12]}
    one.play("""
        anatoly~ seal agree {said}
        robert~ seal agree {said}
        anatoly~ seal go {said}
        robert~ seal go {said}
        robert~ seal anchor {said} --yes
        anatoly~ seal anchor {said} --yes
        robert~ surface publish --to {folder}/public.json
          beside it the sealed words for the public
        robert> surface publish --to {folder}/public.json
          exit 2
          is there already
        robert> seal key-export {folder}/key --new-passphrase-fd 0 << four unrelated words
          No back-up holds this key.
        anatoly> seal key-import {folder}/key --key-passphrase-fd 0 << four unrelated birds
          exit 2
          does not open this key
        anatoly> seal key-import {folder}/key --key-passphrase-fd 0 << four unrelated words
          can say for Washington whose a sealing key is
    """)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": 1},
        {"dated": "yesterday"},
        {"more": 1},
        {"amends": ["?"]},
        {"kind": "treaty"},
        {"order": ["Moscow"]},
    ],
)
def test_a_file_that_says_not_soundly_what_is_to_be_sealed_is_refused(wrong: dict[str, object]) -> None:
    parse("seal-draft", encode(draft_words(json.dumps(WORDS))))
    with pytest.raises(BackchannelError):
        parse("seal-draft", encode(draft_words(json.dumps({**WORDS, **wrong}))))
