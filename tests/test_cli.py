"""The command line as people and scripts meet it: the contract of its output, its exit statuses, its errors."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library, Ran, Runner

    Invoke = Callable[..., Ran]

COST = "What did the One Counter Service cost to run each month?"
UNKNOWN = "How many submarines does the town of Quexley own?"
Number = (int, float)
DOCUMENT = {"id": str, "title": str, "path": str}
FIGURE = {
    "id": str,
    "document": str,
    "subject": str,
    "section": list,
    "measure": (str, None),
    "label": str,
    "value": Number,
    "value_high": (*Number, None),
    "unit": (str, None),
    "per": (str, None),
    "period": (str, None),
    "period_words": (str, None),
    "comparator": (str, None),
    "role": str,
    "parent": (str, None),
    "beneficiary": (str, None),
    "footnotes": list,
    "printed": str,
    "sentence": str,
    "quote": str,
    "page": (int, None),
    "page_label": (str, None),
    "start": int,
    "end": int,
    "doubt": (str, None),
    "facet": (str, None),
    "aggregate": (str, None),
}
CITED = {**FIGURE, "citation": (int, None)}
CITATION = {
    "n": int,
    "document": DOCUMENT,
    "page": (int, None),
    "page_label": (str, None),
    "section": list,
    "quote": str,
    "start": int,
    "end": int,
}
PASSAGE = {
    "id": str,
    "document": DOCUMENT,
    "subject": str,
    "page": (int, None),
    "page_label": (str, None),
    "section": list,
    "text": str,
    "start": int,
    "end": int,
    "score": Number,
}
ANSWER = {
    "id": str,
    "question": str,
    "kind": str,
    "answer": str,
    "abstained": bool,
    "reason": (str, None),
    "confidence": Number,
    "figures": [CITED],
    "calculation": (dict, None),
    "citations": [CITATION],
    "nearest": [CITED],
    "suggestions": list,
    "resolved": str,
    "language": str,
    "timings_ms": dict,
}
FINDING = {"kind": str, "verdict": str, "text": str, "figures": [CITED], "citations": [CITATION]}
SUMMARY = {
    "id": str,
    "title": str,
    "path": str,
    "sha256": str,
    "format": str,
    "language": str,
    "passages": int,
    "figures": int,
    "numbers_seen": int,
    "skipped": dict,
    "warnings": list,
}
SHOWN = {
    "document": DOCUMENT,
    "source": str,
    "page": (int, None),
    "page_label": (str, None),
    "section": list,
    "before": str,
    "quote": str,
    "after": str,
    "start": int,
    "end": int,
}


def fits(value: Any, shape: Any) -> bool:
    """Whether a JSON value has a shape: a type, types (None among them), a list of one shape, or an object's keys."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and list(value) == list(shape) and all(fits(value[k], shape[k]) for k in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    return value is None if shape is None else isinstance(value, shape) and (shape is bool or value is not True)


# The contract


def test_an_answer_has_the_shape_of_the_contract(invoke: Invoke) -> None:
    done = invoke("ask", COST, "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert fits(done.json, ANSWER), done.out
    figure = done.json["figures"][0]
    assert (figure["value"], figure["unit"], figure["per"]) == (151000, "EUR", "month")
    assert done.json["citations"][figure["citation"] - 1]["document"]["id"] == "services"


def test_every_quote_stands_in_its_document(invoke: Invoke, library: Library) -> None:
    text = (library.folder / "services.md").read_text("utf-8")
    found = invoke("ask", COST, "--format", "json").json
    for record in (*found["figures"], *found["citations"]):
        assert text[record["start"] : record["end"]] == record["quote"]


def test_an_abstention_has_the_same_shape_and_a_status_of_its_own(invoke: Invoke) -> None:
    done = invoke("ask", UNKNOWN, "--format", "json")
    assert (done.status, done.err) == (3, "")
    assert fits(done.json, ANSWER), done.out
    assert (done.json["kind"], done.json["abstained"], done.json["figures"]) == ("abstention", True, [])
    assert isinstance(done.json["reason"], str)


@pytest.mark.parametrize(
    "command, shape",
    [
        (("figures",), FIGURE),
        (("search", "counter service"), PASSAGE),
        (("documents",), SUMMARY),
        (("check",), FINDING),
    ],
)
def test_lists_are_an_array_or_a_record_a_line(invoke: Invoke, command: tuple[str, ...], shape: Any) -> None:
    array, lines = (invoke(*command, "--format", style) for style in ("json", "jsonl"))
    assert (array.status, array.err, lines.status, lines.err) == (0, "", 0, "")
    assert array.json == lines.lines
    assert array.json and all(fits(record, shape) for record in array.json), array.out


def test_figures_can_be_chosen(invoke: Invoke) -> None:
    every = invoke("figures", "--format", "jsonl").lines
    euros = invoke("figures", "--unit", "EUR", "--subject", "Varnau", "--format", "jsonl").lines
    assert sorted(record["value"] for record in euros) == [30000, 220000]
    assert len(every) > len(euros)
    assert invoke("figures", "--document", "notes", "--format", "jsonl").lines[0]["document"] == "notes"


def test_a_comparison_ranks_and_exits_well(invoke: Invoke) -> None:
    done = invoke("compare", "investment", "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert fits(done.json, ANSWER)
    assert [figure["value"] for figure in done.json["figures"]][:2] == [940000, 220000]


def test_a_figure_a_passage_and_a_span_can_be_shown(invoke: Invoke, library: Library) -> None:
    figure = invoke("figures", "--unit", "EUR", "--format", "json").json[0]
    passage = invoke("search", "counter service", "--format", "json").json[0]
    span = f"{figure['document']}:{figure['start']}-{figure['end']}"
    for citation in (span, figure["id"], passage["id"]):
        done = invoke("show", citation, "--format", "json")
        assert (done.status, done.err) == (0, "")
        assert fits(done.json, SHOWN)
        text = Path(done.json["source"]).read_text("utf-8")
        assert text[done.json["start"] : done.json["end"]] == done.json["quote"]
    assert figure["quote"] in invoke("show", span).out


def test_an_ingest_reports_every_file_and_every_number(library: Library) -> None:
    report = library.report
    assert [outcome["path"] for outcome in report["outcomes"]] == ["notes.txt", "services.md"]
    assert report["files"] == {"read": 2}
    for outcome in report["outcomes"]:
        assert outcome["numbers_seen"] > 0
        assert outcome["figures"] > 0 and fits(outcome["skipped"], dict)
        assert outcome["figures"] + sum(outcome["skipped"].values()) >= outcome["numbers_seen"]
    assert report["numbers"]["seen"] == sum(outcome["numbers_seen"] for outcome in report["outcomes"])


FORMATS = {
    "ask": ("text", "json", "jsonl", "md"),
    "search": ("text", "json", "jsonl", "md"),
    "figures": ("text", "json", "jsonl", "csv", "md"),
    "compare": ("text", "json", "jsonl", "csv", "md"),
    "check": ("text", "json", "jsonl", "md"),
    "documents": ("text", "json", "jsonl", "csv", "md"),
    "doctor": ("text", "json"),
}
ARGUMENTS = {"ask": [COST], "search": ["counter"], "compare": ["investment"]}


@pytest.mark.parametrize("command, style", [(name, style) for name, styles in FORMATS.items() for style in styles])
def test_every_format_prints_data_only(invoke: Invoke, command: str, style: str) -> None:
    done = invoke(command, *ARGUMENTS.get(command, []), "--format", style)
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith("\n") and not done.out.endswith("\n\n")
    assert "\x1b" not in done.out
    if style == "json":
        assert done.json
    if style == "jsonl":
        assert all(isinstance(record, dict) for record in done.lines)
    if style == "csv":
        header, *others = csv.reader(io.StringIO(done.out))
        assert others and {len(row) for row in others} == {len(header)}


@pytest.mark.parametrize("command", [*FORMATS, "ingest", "batch", "show", "chat", "conversations"])
def test_every_command_has_help_with_an_example_and_a_home(invoke: Invoke, command: str) -> None:
    done = invoke(command, "--help")
    assert (done.status, done.err) == (0, "")
    assert f"factdesk {command}" in done.out
    assert "--home DIR" in done.out


def test_the_same_question_has_the_same_answer(invoke: Invoke) -> None:
    first, second = (invoke("ask", COST, "--format", "json").json for _ in range(2))
    assert {**first, "timings_ms": {}} == {**second, "timings_ms": {}}


# Ways to ask


def test_the_answer_comes_with_its_source(invoke: Invoke) -> None:
    done = invoke("ask", COST)
    assert done.status == 0
    assert "151K" in done.out
    assert "\n[1] City Services Compendium › " in done.out


@pytest.mark.parametrize("words", [[COST], COST.split(), ["--", COST], ["ask", *COST.split()]])
def test_a_question_needs_no_verb_and_no_quotes(invoke: Invoke, words: list[str]) -> None:
    assert invoke(*words).out == invoke("ask", COST).out


def test_home_may_stand_before_or_after_the_verb(invoke: Invoke, library: Library, tmp_path: Path) -> None:
    before = invoke("--home", tmp_path / "none", "documents")
    assert (before.status, "there is no index yet" in before.complaint) == (1, True)
    assert invoke("documents", "--home", tmp_path / "none").status == 1
    assert invoke("--home", tmp_path / "none", "documents", "--home", library.home).status == 0


def test_a_question_may_come_from_standard_input(factdesk: Runner, library: Library) -> None:
    done = factdesk("ask", "-", "--home", library.home, stdin=f"{COST}\n")
    assert (done.status, done.err) == (0, "")
    assert "151K" in done.out


def test_control_characters_and_stray_bytes_in_a_question_do_no_harm(factdesk: Runner, library: Library) -> None:
    asked = b"What did the\x1b[31m One Counter\x07 Service\xff cost\r\nto run each month?"
    done = factdesk("ask", asked, "--home", library.home, "--format", "json")
    assert done.status in (0, 3) and done.err == ""
    assert "\x1b" not in done.json["question"] and "\ufffd" in done.json["question"]
    assert "\x1b" not in factdesk("ask", asked, "--home", library.home).out


def test_an_output_that_cannot_show_a_character_shows_an_escape(factdesk: Runner, library: Library) -> None:
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    done = factdesk("ask", COST, "--home", library.home, **env)
    assert done.status == 0 and "\\u203a" in done.out
    assert factdesk("ask", COST, "--home", library.home, "--format", "json", **env).json["figures"]


# Batch


def batch_lines(*lines: object) -> str:
    return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)


def test_a_batch_answers_in_order_under_the_given_ids(factdesk: Runner, library: Library) -> None:
    questions = batch_lines(
        {"id": "b", "question": COST},
        "",
        {"id": 7, "question": UNKNOWN},
        {"id": "a", "question": "And the Night Ferry Booking?", "history": [COST]},
        {"question": COST},
    )
    done = factdesk("batch", "-", "--passages", "2", "--home", library.home, stdin=questions)
    assert (done.status, done.err) == (0, "")
    assert [answer["id"] for answer in done.lines[:3]] == ["b", 7, "a"]
    assert isinstance(done.lines[3]["id"], str)
    for answer in done.lines:
        assert fits(answer["passages"], [PASSAGE]) and len(answer["passages"]) <= 2
    assert done.lines[0]["figures"][0]["value"] == 151000


def test_a_bad_line_is_named_and_the_rest_is_answered(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    bad = [
        "no json",
        '{"id": 1}',
        '{"question": ["x"]}',
        {"question": "x", "history": "y"},
        {"question": " "},
        "[" * 9999,
    ]
    file.write_text(batch_lines(*bad, {"id": "good", "question": COST}), "utf-8")
    with file.open("ab") as more:
        more.write(b'{"question": "\xff"}\n')
    done = invoke("batch", file)
    assert done.status == 1
    assert [answer["id"] for answer in done.lines] == ["good"]
    complaints = done.err.splitlines()
    assert [line.split(":")[1].strip() for line in complaints] == [f"line {n}" for n in (1, 2, 3, 4, 5, 6, 8)]


def test_a_batch_answers_each_line_as_it_comes(library: Library) -> None:
    command = [sys.executable, "-m", "factdesk.cli", "batch", "-", "--home", str(library.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for number in range(2):
            process.stdin.write(batch_lines({"id": number, "question": COST}).encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


# Bad input: one line, the right status, nothing lost


def test_wrong_usage_is_one_line_and_status_2(invoke: Invoke) -> None:
    for wrong in (
        ["ask", "--nonsense"],
        ["figures", "--format", "xml"],
        ["show"],
        ["batch"],
        ["search", "x", "--limit", "0"],
    ):
        done = invoke(*wrong)
        assert (done.status, done.out) == (2, ""), wrong
        assert "--help" in done.complaint


@pytest.mark.parametrize("question", ["", "   ", "\x00\x1b", "\u200b"])
def test_an_empty_question_is_wrong_usage(invoke: Invoke, question: str) -> None:
    done = invoke("ask", question)
    assert (done.status, done.out) == (2, "")
    assert "the question is empty" in done.complaint


def seconds_of_children() -> float:
    """The processor time of the commands that have ended; that of the clock would be a busy machine's."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.parametrize("megabytes", [1, 6])
def test_a_question_of_a_megabyte_is_refused(factdesk: Runner, library: Library, megabytes: int) -> None:
    begun = seconds_of_children()
    done = factdesk("ask", "-", "--home", library.home, stdin="cost " * (megabytes * 200_000))
    assert (done.status, done.out) == (2, "")
    assert len(done.complaint) < 300
    assert seconds_of_children() - begun < 20


def test_a_citation_that_leads_nowhere_is_wrong_usage(invoke: Invoke) -> None:
    for citation in ("nowhere", "services:5-2", "services:0-99999999", "other:1-2", "services:x-y", "\x1b[2J\n"):
        done = invoke("show", citation)
        assert (done.status, done.out) == (2, ""), citation
        assert "\x1b" not in done.complaint


@pytest.mark.parametrize(
    "name, data, reason",
    [
        ("none.md", None, "NOT_FOUND"),
        ("empty.md", b"", "EMPTY_FILE"),
        ("blank.txt", b" \n\n ", "EMPTY_FILE"),
        ("binary.txt", bytes(range(256)) * 8, "BINARY"),
        ("picture.jpg", b"\xff\xd8\xff\xe0", "UNSUPPORTED"),
        ("broken.pdf", b"%PDF-1.7\nnothing of the kind", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_read(
    factdesk: Runner, own_library: Library, tmp_path: Path, name: str, data: bytes | None, reason: str
) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    done = factdesk("ingest", own_library.folder, file, "--home", own_library.home, "--format", "json")
    assert done.status == 1
    assert name in done.complaint and reason in done.complaint
    assert {outcome["status"] for outcome in done.json["outcomes"] if outcome["document"]} == {"unchanged"}
    assert factdesk("ask", COST, "--home", own_library.home).status == 0


def test_a_guessed_encoding_is_said_aloud(factdesk: Runner, own_library: Library) -> None:
    text = "Die Behörde führte das größte Gebäude für 12 Prüfer. " * 5
    (own_library.folder / "alt.txt").write_bytes(text.encode("latin-1"))
    done = factdesk("ingest", own_library.folder, "--home", own_library.home)
    assert (done.status, done.err) == (0, "")
    assert "warning alt.txt: ENCODING_GUESSED" in done.out


def test_a_folder_without_documents_is_one_line(factdesk: Runner, own_library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    folder.mkdir()
    (folder / "picture.jpg").write_bytes(b"x")
    done = factdesk("ingest", folder, "--home", own_library.home)
    assert done.status == 1
    assert "no documents in this folder" in done.complaint
    assert "skipped picture.jpg: UNSUPPORTED" in done.out
    assert factdesk("documents", "--home", own_library.home, "--format", "json").json


def test_other_files_of_a_folder_are_passed_over_and_reported(factdesk: Runner, own_library: Library) -> None:
    (own_library.folder / "picture.jpg").write_bytes(b"x")
    (own_library.folder / ".hidden.md").write_text("# Hidden")
    (own_library.folder / "outside.md").symlink_to(Path(__file__).parents[1] / "README.md")
    done = factdesk("ingest", own_library.folder, "--home", own_library.home, "--format", "json")
    assert (done.status, done.err) == (0, "")
    found = {outcome["path"]: outcome["reason"] for outcome in done.json["outcomes"]}
    assert found == {
        "notes.txt": None,
        "services.md": None,
        "picture.jpg": "UNSUPPORTED",
        "outside.md": "OUTSIDE_FOLDER",
    }


def test_what_is_gone_leaves_the_index_and_a_new_name_costs_nothing(factdesk: Runner, own_library: Library) -> None:
    (own_library.folder / "notes.txt").unlink()
    (own_library.folder / "services.md").rename(own_library.folder / "renamed.md")
    done = factdesk("ingest", own_library.folder, "--home", own_library.home)
    assert (done.status, done.err) == (0, "")
    assert "removed notes.txt\n" in done.out and "renamed renamed.md: was services.md\n" in done.out
    (found,) = factdesk("documents", "--home", own_library.home, "--format", "json").json
    assert (found["id"], found["path"]) == ("services", "renamed.md")


def test_a_document_can_be_removed(factdesk: Runner, own_library: Library) -> None:
    done = factdesk("documents", "remove", "notes", "--home", own_library.home)
    assert (done.status, done.out) == (0, "removed notes; 1 documents are left\n")
    listed = factdesk("documents", "--home", own_library.home, "--format", "json").json
    assert [document["id"] for document in listed] == ["services"]
    again = factdesk("documents", "remove", "notes", "--home", own_library.home)
    assert (again.status, again.out) == (2, "")
    assert "notes" in again.complaint


def test_without_an_index_there_is_one_line_that_says_what_to_run(invoke: Invoke, tmp_path: Path) -> None:
    for command in (["figures"], ["search", "x"], ["compare", "x"], ["check"], ["documents"], ["doctor"]):
        done = invoke(*command, "--home", tmp_path / "none", *(["--format", "json"] if command == ["doctor"] else []))
        assert done.status == 1
        assert "there is no index yet; run: factdesk ingest" in done.complaint


def catalogue_of(library: Library) -> Path:
    (found,) = (library.home / "generations").glob("*/catalogue.sqlite")
    return found


def test_a_damaged_index_is_one_line_and_can_be_mended(factdesk: Runner, own_library: Library) -> None:
    file = catalogue_of(own_library)
    data = bytearray(file.read_bytes())
    data[5000] ^= 0xFF
    file.write_bytes(data)
    for command in (["ask", COST], ["doctor", "--format", "json"], ["ingest", str(own_library.folder)]):
        done = factdesk(*command, "--home", own_library.home)
        assert done.status == 1, command
        assert "factdesk ingest --rebuild" in done.complaint
    mended = factdesk("ingest", own_library.folder, "--rebuild", "--home", own_library.home)
    assert (mended.status, mended.err) == (0, "")
    assert factdesk("ask", COST, "--home", own_library.home).status == 0


def other_model(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text('{"hidden_size": 8}')
    (folder / "model.safetensors").write_bytes(b"no weights")
    return folder


def test_an_index_of_another_model_is_refused(factdesk: Runner, library: Library, tmp_path: Path) -> None:
    model = other_model(tmp_path / "other")
    done = factdesk("ask", COST, "--home", library.home, FACTDESK_MODEL=str(model))
    assert (done.status, done.out) == (1, "")
    assert "other" in done.complaint and "factdesk ingest --rebuild" in done.complaint


def test_a_model_that_is_not_there_is_one_line(factdesk: Runner, library: Library, tmp_path: Path) -> None:
    done = factdesk("ingest", library.folder, "--home", tmp_path / "home", FACTDESK_MODEL=str(tmp_path / "none"))
    assert (done.status, done.out) == (1, "")
    assert "FACTDESK_MODEL" in done.complaint


def test_a_home_that_cannot_be_written_is_one_line(factdesk: Runner, library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    homes = [tmp_path / "file" / "home"]
    if os.geteuid() != 0:  # the superuser may write anywhere
        homes.append(tmp_path / "locked")
        homes[1].mkdir(mode=0o555)
    for home in homes:
        done = factdesk("ingest", library.folder, "--home", home)
        assert (done.status, done.out) == (1, "")
        assert "--home" in done.complaint


def test_a_batch_file_that_is_not_there_is_one_line(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke("batch", tmp_path / "none.jsonl")
    assert (done.status, done.out) == (1, "")
    assert "none.jsonl: No such file" in done.complaint


def test_an_error_that_nobody_foresaw_is_one_line(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("factdesk.cli.open_desk", fail)
    done = invoke("ask", COST)
    assert (done.status, done.out) == (1, "")
    assert done.complaint == "factdesk: unexpected RuntimeError: two lines; FACTDESK_DEBUG=1 shows where"
    monkeypatch.setenv("FACTDESK_DEBUG", "1")
    with pytest.raises(RuntimeError):
        invoke("ask", COST)


# The model says when it begins to embed, and then embeds the same again and again: the ingest cannot finish before the
# signal comes, however busy the machine is. What was started in the background may have been told to ignore Ctrl-C.
ENDLESS = """
import signal, sys
from factdesk.cli import run
from factdesk.index.encoder import OnnxEncoder
encode = OnnxEncoder.encode_parts
def forever(*arguments, **options):
    print("embedding", flush=True)
    while True:
        encode(*arguments, **options)
OnnxEncoder.encode_parts = forever
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_in_mid_ingest_keeps_the_old_index(factdesk: Runner, own_library: Library) -> None:
    before = (own_library.home / "CURRENT").read_bytes()
    text = "\n\n".join(f"Sentence {line} tells of {line * 7} towns." for line in range(99))
    (own_library.folder / "more.md").write_text(f"# Report\n\n{text}")
    command = [sys.executable, "-c", ENDLESS, "ingest", str(own_library.folder), "--home", str(own_library.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            begun = process.stdout.readline()
            staged = list((own_library.home / "generations").glob("*.tmp"))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
    assert (begun, len(staged)) == ("embedding\n", 1)
    assert (process.returncode, out, err) == (130, "", "factdesk: interrupted; the index is as it was\n")
    assert (own_library.home / "CURRENT").read_bytes() == before
    assert not list((own_library.home / "generations").glob("*.tmp"))
    assert factdesk("ask", COST, "--home", own_library.home).status == 0


def test_a_reader_that_goes_away_is_no_error(library: Library) -> None:
    command = f"{sys.executable} -m factdesk.cli figures --format json --home {library.home} | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert done.returncode in (0, 141)
    assert done.stderr == b""


# What a spreadsheet is given


def test_csv_of_a_hostile_document_has_no_formulas(factdesk: Runner, own_library: Library) -> None:
    parts = [
        "# =cmd|' /C calc'!A0",
        "## +Costs",
        "OPERATING COSTS: EUR -12K a year",
        "@SUM of 5 towns",
        "-7 degrees fell.",
    ]
    (own_library.folder / "=hostile.md").write_text("\n\n".join(parts))
    assert factdesk("ingest", own_library.folder, "--home", own_library.home).status == 0
    out = factdesk("figures", "--format", "csv", "--home", own_library.home).out
    records = list(csv.DictReader(io.StringIO(out)))
    assert "'=cmd|' /C calc'!A0 – +Costs" in {record["subject"] for record in records}
    for record in records:
        for name, cell in record.items():
            if name not in ("value", "value_high"):
                assert not cell.lstrip().startswith(("=", "+", "-", "@")), (name, cell)
        assert float(record["value"]) is not None


# Charts


@pytest.mark.parametrize("suffix, begins", [(".svg", b"<svg"), (".png", b"\x89PNG"), (".html", b"<!DOCTYPE html")])
def test_a_comparison_can_be_drawn(invoke: Invoke, tmp_path: Path, suffix: str, begins: bytes) -> None:
    pytest.importorskip("altair")
    target = tmp_path / f"chart{suffix}"
    done = invoke("compare", "investment", "--plot", target)
    assert (done.status, done.err) == (0, "")
    data = target.read_bytes()
    assert data.lstrip().lower().startswith(begins.lower())
    assert b"cdn." not in data and b'src="http' not in data


def test_a_chart_of_another_kind_is_wrong_usage(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke("compare", "investment", "--plot", tmp_path / "chart.xls")
    assert (done.status, done.out) == (2, "")
    assert ".svg" in done.complaint


def test_a_chart_without_its_library_says_what_to_install(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    done = invoke("compare", "investment", "--plot", tmp_path / "chart.svg")
    assert (done.status, done.out) == (2, "")
    assert "factdesk[plot]" in done.complaint


# What is loaded, and what is not reached

LOADED = """
import sys
from factdesk.cli import run
status = run(sys.argv[1:])
unneeded = ("torch", "transformers", "sentence_transformers", "altair", "rich", "prompt_toolkit")
heavy = [name for name in unneeded if name in sys.modules]
sys.exit(f"loaded {heavy}" if heavy or status else 0)
"""


@pytest.mark.parametrize("command", [["--help"], ["ask", COST], ["search", "counter"], ["figures"], ["doctor"]])
def test_asking_imports_no_torch(factdesk: Runner, library: Library, command: list[str]) -> None:
    done = factdesk(*command, code=LOADED, FACTDESK_HOME=str(library.home))
    assert (done.status, done.err) == (0, "")


REFUSED = """
import socket, sys
def refuse(*arguments, **options):
    raise AssertionError("a socket was asked for")
class Refused(socket.socket):
    __init__ = refuse
for name in ("create_connection", "getaddrinfo", "socketpair"):
    setattr(socket, name, refuse)
socket.socket = Refused
from factdesk.cli import run
home, question = sys.argv[1:]
status = run(["ask", question, "--home", home])
assert status == 0, status
"""


def test_the_main_job_needs_no_network(factdesk: Runner, tmp_path: Path) -> None:
    """With no index there, `ask` indexes the shipped documents, so that every part runs."""
    question = "What is the value of digital government?"
    done = factdesk(tmp_path / "home", question, code=REFUSED)
    assert (done.status, done.complaint) == (0, done.complaint)
    assert "reading the documents that come with factdesk" in done.complaint
    assert "\n[1] " in done.out
