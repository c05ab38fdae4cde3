"""The command line: parse, call, print.

1. Standard output is data only; progress, warnings and errors go to standard error.
2. An error is one line that says what happened and what to do. Exit status: 0 done, 1 something asked for failed,
   2 wrong usage, 3 the documents do not hold the answer, 130 interrupted.
3. Nothing heavy is imported before a command needs it: `--help` shows at once, and asking never imports torch.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from factdesk.corpus.errors import (
    FactdeskError,
    IndexMismatch,
    IndexMissing,
    InputError,
    Reason,
    UsageError,
)

if TYPE_CHECKING:
    from click import Group as DefaultGroup

    from factdesk.corpus.records import Answer, Document, Figure, Outcome
    from factdesk.index.builder import Report, SourceFile
    from factdesk.index.snapshot import Snapshot
    from factdesk.qa.desk import Desk
    from factdesk.qa.history import Kept
    from factdesk.qa.talk import Talk
else:
    # It has no types of its own.
    from click_default_group import DefaultGroup

ABSTAINED, FAILED, INTERRUPTED, PIPE_CLOSED = 3, 1, 130, 141
MOST_STANDARD_INPUT = 4 << 20
"""Bytes of a question on standard input: more is not read, and this much is refused already."""
CHARTS = (".html", ".png", ".svg")
STATES = ("open", "answered", "out_of_scope")
RATINGS = ("up", "down")
STAGES = {"read": "Reading", "embed": "Embedding", "write": "Writing", "ask": "Asking"}

Function = TypeVar("Function", bound=Callable[..., Any])


class Interrupted(Exception):
    """Ctrl-C; click would print an empty line of its own for KeyboardInterrupt."""


class Commands(DefaultGroup):
    """Commands of which `ask` is meant where none is named."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


# Shared options


def _home(context: click.Context, _: click.Parameter, value: Path | None) -> Path:
    if value is None and context.parent is not None:
        return _home(context.parent, _, context.parent.params.get("home"))
    if value is not None:
        return value.expanduser()
    from factdesk.index.snapshot import default_home

    return default_home()


def home_option(function: Function) -> Function:
    """--home, taken from the command before it if that has one."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        callback=_home,
        metavar="DIR",
        help="Where the index lives. [env: FACTDESK_HOME; else the system's data folder]",
    )(function)


def format_option(*choices: str) -> Callable[[Function], Function]:
    """--format; the first choice is the default."""
    return click.option(
        "--format",
        "style",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to print it.",
    )


def continue_option(function: Function) -> Function:
    """-c: go on with the last conversation."""
    return click.option("-c", "--continue", "go_on", is_flag=True, help="Go on with the last conversation.")(function)


def keep_option(function: Function) -> Function:
    """--no-keep; the environment may say so too."""
    text = "Do not keep this conversation. [env: FACTDESK_KEEP=0]"
    return click.option("--no-keep", is_flag=True, help=text)(function)


# Printing


def echo(text: str) -> None:
    """Print data, at once."""
    if text:
        click.echo(text)


def complain(message: str, hint: str = "") -> None:
    """Print one line on standard error, whatever is in the message."""
    from factdesk.qa.format import visible

    line = "; ".join(part for part in (message, hint) if part)
    click.echo(f"factdesk: {visible(' '.join(line.split()))}", err=True)


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON in the characters that standard output can take."""
    return json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout.encoding), indent=indent, allow_nan=False)


def _is_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def print_records(records: Sequence[Mapping[str, Any]], style: str, others: Mapping[str, Callable[[], str]]) -> None:
    """Print records as JSON or JSON Lines, or as whatever else is on offer."""
    if style == "json":
        echo(as_json(records, indent=2))
    elif style == "jsonl":
        for record in records:
            echo(as_json(record))
    else:
        echo(others[style]())


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar for each stage, if standard error is a terminal that can show one; else None."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


# From files to an index


@dataclass(slots=True)
class Gathered:
    """The files to read, the places they are under, and what became of those that are not to be read."""

    sources: dict[Path, SourceFile] = field(default_factory=dict)
    roots: list[Path] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """Files that were named one by one: that such a file is of an unknown kind is a failure."""


def shipped_documents() -> Path:
    """The folder of the documents that come with factdesk."""
    from factdesk import corpus

    return Path(next(iter(corpus.__path__))) / "documents"


def gather(paths: Iterable[Path]) -> Gathered:
    """Look up which files are meant. A path that is not there fails; every file of a folder is accounted for."""
    from factdesk.corpus.records import FileStatus, Outcome
    from factdesk.index.builder import SourceFile
    from factdesk.ingest.folder import entries_under
    from factdesk.ingest.readers import readers

    found = Gathered()
    seen: set[Path] = set()

    def leave(path: str, status: FileStatus, reason: Reason, detail: str) -> None:
        found.outcomes.append(Outcome(path, status, reason.value, detail))

    for path in paths:
        # Not resolved: a linked folder keeps the name that the user gave it.
        root = Path(os.path.abspath(path))  # noqa: PTH100
        if not root.exists():
            leave(_text(path), FileStatus.FAILED, Reason.NOT_FOUND, "no such file or folder")
            continue
        found.roots.append(root)
        if not root.is_dir():
            found.sources.setdefault(root, SourceFile(_text(root.name), root))
            found.named.add(_text(root.name))
            continue
        entries = list(entries_under(root))
        if all(entry.reason is not None for entry in entries):
            kinds = ", ".join(sorted(readers()))
            detail = f"no documents in this folder; readable are {kinds}"
            leave(_text(path), FileStatus.FAILED, Reason.NOT_FOUND, detail)
        for entry in entries:
            if entry.path in seen:
                continue
            seen.add(entry.path)
            name = _text(entry.path.relative_to(root))
            if entry.reason is None:
                found.sources.setdefault(entry.path, SourceFile(name, entry.path))
            elif entry.path not in found.sources:
                leave(name, FileStatus.FAILED if entry.meant else FileStatus.SKIPPED, entry.reason, entry.detail)
    return found


def _text(path: Path | str) -> str:
    """A file's name as text: it need not be."""
    name = path.as_posix() if isinstance(path, Path) else path
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def made_by() -> dict[str, str | int]:
    """What decides how a file is read: the passages' length, and the code and vocabulary that read it."""
    import hashlib

    from factdesk import corpus, ingest
    from factdesk.ingest.pipeline import TOKEN_LIMIT

    digest = hashlib.sha256()
    for package in (corpus, ingest):
        folder = Path(next(iter(package.__path__)))
        for file in sorted([*folder.glob("*.py"), *folder.glob("*.toml"), *folder.glob("readers/*.py")]):
            digest.update(file.read_bytes())
    return {"max_tokens": TOKEN_LIMIT, "reading": digest.hexdigest()[:16]}


def ingest_into(home: Path, gathered: Gathered, *, rebuild: bool = False) -> Report:
    """Read the files and bring the index up to date; the bar is shown meanwhile."""
    from factdesk.index.builder import build
    from factdesk.index.encoder import TorchEncoder
    from factdesk.ingest.sandbox import Sandbox

    encoder = TorchEncoder(os.environ.get("FACTDESK_MODEL") or None)
    with Sandbox(encoder.folder) as sandbox, progress() as tell:
        return build(
            home,
            list(gathered.sources.values()),
            sandbox,
            encoder,
            roots=gathered.roots,
            settings=made_by(),
            progress=tell,
            rebuild=rebuild,
        )


def open_desk(home: Path, *, build: bool = False, to_ask: bool = True) -> Desk:
    """The desk of an index; with `build`, the shipped documents are indexed first if there is no index at all."""
    # Read by OpenBLAS as NumPy is imported. A question's products are small: its threads would wait for one another
    # longer than they work, and take a processor from other requests.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from factdesk.qa.desk import Desk

    try:
        desk = Desk.open(home, to_ask=to_ask)
    except IndexMissing:
        if not build:
            raise
        complain("there is no index yet: reading the documents that come with factdesk, once")
        ingest_into(home, gather([shipped_documents()]))
        desk = Desk.open(home, to_ask=to_ask)
    try:
        _same_model(desk.snapshot)
    except BaseException:
        desk.close()
        raise
    return desk


def _same_model(snapshot: Snapshot) -> None:
    """Refuse an index of another model than the one that the user has set."""
    if wanted := os.environ.get("FACTDESK_MODEL"):
        from factdesk.index.encoder import TorchEncoder

        encoder, found = TorchEncoder(wanted), snapshot.manifest.model
        if encoder.fingerprint != found.fingerprint:
            raise IndexMismatch(
                f"the index was made by the model {found.name}, and FACTDESK_MODEL names {encoder.name}",
                hint="run: factdesk ingest --rebuild",
            )


# Commands


@click.group(
    cls=Commands,
    default="ask",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--home", type=click.Path(path_type=Path), metavar="DIR", help="Where the index lives.")
@click.version_option(package_name="factdesk", prog_name="factdesk", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    """Answer questions over a folder of documents, with the source of every number.

    \b
    factdesk "What did the service centre cost to run each month?"
    factdesk ingest reports/
    factdesk figures portal --measure investment --format csv
    """
    if context.invoked_subcommand is None:
        echo(context.get_help())


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--rebuild", is_flag=True, help="Read and embed everything again; mends a damaged index.")
@home_option
@format_option("text", "json")
@click.pass_context
def ingest(context: click.Context, paths: tuple[Path, ...], rebuild: bool, home: Path, style: str) -> None:
    """Read files and folders into the index. Without PATH: the documents that come with factdesk.

    What has not changed is not read again, and what is gone from a folder leaves the index.

    \b
    factdesk ingest reports/ notes.md
    factdesk ingest --rebuild
    """
    from factdesk.corpus.records import FileStatus
    from factdesk.qa.format import report_to_json, report_to_text

    gathered = gather(paths or [shipped_documents()])
    report = ingest_into(home, gathered, rebuild=rebuild)
    passed_over = {outcome.path for outcome in gathered.outcomes}
    outcomes = [
        replace(outcome, status=FileStatus.FAILED)
        if outcome.reason == Reason.UNSUPPORTED and outcome.path in gathered.named
        else outcome
        for outcome in (*report.outcomes, *gathered.outcomes)
        # A file that has become a pipe has left the index, and is told of as a pipe.
        if outcome.status is not FileStatus.REMOVED or outcome.path not in passed_over
    ]
    failed = [outcome for outcome in outcomes if outcome.status is FileStatus.FAILED]
    shown = report_to_json(
        outcomes, report.counts, generation=report.generation, written=report.written, seconds=report.seconds
    )
    echo(as_json(shown, indent=2) if style == "json" else report_to_text(shown, str(home)))
    for outcome in failed:
        complain(f"{outcome.path}: {outcome.reason}: {outcome.detail}")
    context.exit(FAILED if failed else 0)


@cli.command()
@click.argument("question", nargs=-1, metavar="QUESTION")
@continue_option
@keep_option
@home_option
@format_option("text", "json", "jsonl", "md")
def ask(question: tuple[str, ...], go_on: bool, no_keep: bool, home: Path, style: str) -> None:
    """Answer one question. The command that is meant where none is named.

    QUESTION may be several words; "-" reads it from standard input. With -c it may lean on what was asked before.
    The exit status is 3 if the documents do not hold the answer.

    \b
    factdesk ask "Which case saved governments most a year?"
    factdesk ask -c "and what did it cost?"
    factdesk what is the one-stop portal --format json
    """
    asked = read_question(question)
    with open_desk(home, build=True) as desk:
        print_answer(desk, open_talk(desk, home, go_on=go_on, no_keep=no_keep).ask(asked), style)


def open_talk(desk: Desk, home: Path, *, go_on: bool, no_keep: bool) -> Talk:
    """A conversation, the last one or a new one. That it cannot be kept is one line on standard error."""
    from factdesk.qa.history import History, keeping
    from factdesk.qa.talk import Talk

    history = History(home)
    return Talk(
        desk,
        history=history if keeping() and not no_keep else None,
        earlier=history if go_on else None,
        complain=lambda error: complain(str(error), error.hint),
    )


def read_question(words: Sequence[str]) -> str:
    """The question of the arguments, or of standard input, without control characters."""
    from factdesk.qa.format import clean

    text = " ".join(words)
    if text == "-":
        text = sys.stdin.buffer.read(MOST_STANDARD_INPUT).decode("utf-8", "replace")
    found = clean(text)
    if not found:
        raise UsageError("the question is empty", hint='try: factdesk "What did the portal cost?"')
    return found


def print_answer(desk: Desk, answer: Answer, style: str) -> None:
    """Print an answer and set the exit status of an abstention."""
    from factdesk.qa import format as render

    if style in ("json", "jsonl"):
        record = render.answer_to_json(answer, desk.snapshot.catalogue.references())
        echo(as_json(record, indent=2 if style == "json" else None))
    else:
        echo(render.answer_to_markdown(answer) if style == "md" else render.answer_to_text(answer))
    if answer.abstained:
        click.get_current_context().exit(ABSTAINED)


@cli.command()
@continue_option
@keep_option
@home_option
@format_option("text", "jsonl")
@click.pass_context
def chat(context: click.Context, go_on: bool, no_keep: bool, home: Path, style: str) -> None:
    """Talk: each question may lean on those before.

    On a terminal /help says what there is. Otherwise each line of standard input is a question; with --format jsonl
    it may also be {"question": "...", "id": ...}, and each answer is an object on one line. A line that cannot be
    answered is reported, and the rest goes on.

    \b
    factdesk chat
    factdesk chat --continue
    factdesk chat --format jsonl < questions.txt
    """
    with open_desk(home, build=True) as desk:
        talk = open_talk(desk, home, go_on=go_on, no_keep=no_keep)
        if style == "jsonl":
            failed = chat_in_json(talk)
        elif sys.stdin.isatty() and sys.stdout.isatty():
            failed = chat_on_terminal(talk, home, no_keep=no_keep)
        else:
            failed = chat_in_text(talk)
    context.exit(FAILED if failed else 0)


def chat_on_terminal(talk: Talk, home: Path, *, no_keep: bool) -> bool:
    """Talk until the user leaves."""
    from factdesk.chat.completion import names_of
    from factdesk.chat.terminal import converse
    from factdesk.qa.history import LINES, keeping

    lines = home / LINES if keeping() and not no_keep else None
    converse(talk, names=lambda: names_of(talk.desk), lines=lines)
    return False


def chat_in_text(talk: Talk) -> bool:
    """Answer the lines of standard input as a terminal shows it; whether one of them failed."""
    from factdesk.chat.lines import text_of
    from factdesk.chat.session import Session

    session, failed, shown = Session(talk), False, False
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            reply = session.respond(text_of(line))
        except UsageError as error:
            failed = True
            complain(f"line {number}: {error}", error.hint)
            continue
        if reply.ends:
            break
        if reply.failed:
            failed = True
            complain(f"line {number}: {reply.text}")
        elif reply.parts:
            echo(f"\n{reply.text}" if shown else reply.text)
            shown = True
    return failed


def chat_in_json(talk: Talk) -> bool:
    """Answer the lines of standard input with an object a line; whether one of them failed."""
    from factdesk.chat.lines import asked_in

    def answered(line: bytes) -> dict[str, Any]:
        asked = asked_in(line)
        record = talk.take(talk.work_out(asked.question))
        return {**record, "id": asked.given.get("id", record["id"])}

    return answer_lines(sys.stdin.buffer, answered)


@cli.group(invoke_without_command=True)
@home_option
@format_option("text", "json", "jsonl", "md")
@click.pass_context
def conversations(context: click.Context, home: Path, style: str) -> None:
    """List the conversations that are kept; show, export or delete them.

    Where the ID of one is wanted, its beginning will do, and "last" is the one that was spoken in last.

    \b
    factdesk conversations
    factdesk conversations show last
    factdesk conversations delete --all
    """
    if context.invoked_subcommand is not None:
        return
    from factdesk.qa import transcript
    from factdesk.qa.history import History

    found = History(home).listing()
    if not found and style == "text":
        complain("no conversation is kept")
        return
    others = {
        "text": lambda: transcript.entries_to_text(found),
        "md": lambda: transcript.entries_to_markdown(found),
    }
    print_records([transcript.entry_to_json(entry) for entry in found], style, others)


@conversations.command("show")
@click.argument("identity", metavar="ID")
@home_option
@format_option("text", "json", "md")
def show_conversation(identity: str, home: Path, style: str) -> None:
    """Show a conversation.

    \b
    factdesk conversations show last
    """
    print_conversation(kept_conversation(home, identity), style)


@conversations.command("export")
@click.argument("identity", metavar="ID")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@home_option
@click.option(
    "--format", "style", type=click.Choice(["md", "json", "jsonl"]), help="How to write it; else by the suffix of FILE."
)
def export_conversation(identity: str, file: Path | None, home: Path, style: str | None) -> None:
    """Write a conversation into a file, or print it. A file that is there already is left alone.

    \b
    factdesk conversations export last talk.md
    factdesk conversations export last --format jsonl
    """
    from factdesk.qa.transcript import export, style_of

    kept = kept_conversation(home, identity)
    if file is None:
        print_conversation(kept, style or "md")
        return
    export(kept, file, style or style_of(file))
    echo(f"wrote {_text(file)}")


@conversations.command("delete")
@click.argument("identities", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="Every conversation, and the lines typed in chats.")
@home_option
def delete_conversations(identities: tuple[str, ...], everything: bool, home: Path) -> None:
    """Delete conversations for good.

    \b
    factdesk conversations delete 3f2a last
    factdesk conversations delete --all
    """
    from factdesk.qa.history import History

    if bool(identities) == everything:
        raise UsageError("say which conversations", hint="give their IDs, or --all")
    history = History(home)
    if everything:
        deleted = history.delete_all()
        forget_lines(home)
    else:
        deleted = history.delete(list(dict.fromkeys(history.find(identity) for identity in identities)))
    echo(f"deleted {deleted}; {len(history.listing())} conversations are left")


def kept_conversation(home: Path, identity: str) -> Kept:
    """A conversation by its id, the beginning of it, or "last"."""
    from factdesk.qa.history import History

    history = History(home)
    return history.show(history.find(identity))


def print_conversation(kept: Kept, style: str) -> None:
    """Print a conversation in any format."""
    from factdesk.qa.transcript import kept_as

    echo(kept_as(style, kept, ascii_only=not _is_utf8(sys.stdout.encoding)))


def forget_lines(home: Path) -> None:
    """Remove the file of the lines that were typed in chats."""
    from factdesk.corpus.errors import HistoryUnusable
    from factdesk.qa.history import LINES

    try:
        (home / LINES).unlink(missing_ok=True)
    except OSError as error:
        raise HistoryUnusable(f"{LINES} cannot be removed: {error.strerror}", hint="remove it by hand") from error


@cli.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(STATES), help="Those of one state.")
@home_option
@format_option("text", "json", "jsonl", "csv", "md")
@click.pass_context
def questions(context: click.Context, state: str | None, home: Path, style: str) -> None:
    """List the questions that could not be answered, in groups; settle, export or delete them.

    The service collects them. What was asked most comes first. Where the ID of one is wanted, its beginning will do.

    \b
    factdesk questions --state open
    factdesk questions resolve q3f2a --state answered --value 151000 --unit USD --per month
    factdesk questions export evaluation.jsonl
    """
    if context.invoked_subcommand is not None:
        return
    from factdesk.serve import listing
    from factdesk.serve.queue import Queue, State

    found = Queue(home).groups(State(state) if state else None)
    if not found and style == "text":
        complain("no question is waiting" if state in (None, "open") else f"no question is {state.replace('_', ' ')}")
        return
    others = {
        "text": lambda: listing.groups_to_text(found),
        "csv": lambda: listing.groups_to_csv(found),
        "md": lambda: listing.groups_to_markdown(found),
    }
    print_records([listing.group_to_json(group) for group in found], style, others)


@questions.command("show")
@click.argument("identity", metavar="ID")
@home_option
@format_option("text", "json")
def show_question(identity: str, home: Path, style: str) -> None:
    """Show a question with the ways in which it was asked.

    \b
    factdesk questions show q3f2a
    """
    from factdesk.serve import listing
    from factdesk.serve.queue import Queue

    queue = Queue(home)
    group = queue.group(queue.find(identity))
    echo(as_json(listing.group_to_json(group), indent=2) if style == "json" else listing.group_to_text(group))


@questions.command("resolve")
@click.argument("identity", metavar="ID")
@click.option("--state", type=click.Choice(STATES), required=True, help="What became of it.")
@click.option("--value", type=float, metavar="N", help="The number that answers it ...")
@click.option("--unit", default="", help="... its unit: USD, %, hours ...")
@click.option("--per", default="", help="... and its rate: month, year ...")
@click.option("--text", "texts", multiple=True, metavar="WORDS", help="Words that the sources must have; repeatable.")
@click.option("--document", default="", metavar="ID", help="The document that says it ...")
@click.option("--quote", default="", metavar="WORDS", help="... and its words.")
@click.option("--answer", default="", metavar="WORDS", help="The answer, for whoever asked.")
@click.option("--note", default="", metavar="WORDS", help="A remark for those who work through the questions.")
@home_option
def resolve_question(
    identity: str,
    state: str,
    value: float | None,
    unit: str,
    per: str,
    texts: tuple[str, ...],
    document: str,
    quote: str,
    answer: str,
    note: str,
    home: Path,
) -> None:
    """Settle a question: it is answered by now, or out of scope. Or open it again.

    An answered one becomes a line of an evaluation file if it is said what a right answer must have.

    \b
    factdesk questions resolve q3f2a --state out_of_scope --note "not our subject"
    factdesk questions resolve q3f2a --state answered --text "from 9 to 5" --document notes --quote "opens at nine"
    """
    from factdesk.serve.queue import Expectation, Queue, State, evaluation_lines

    queue = Queue(home)
    said = value is not None or any((unit, per, texts, document, quote))
    expectation = Expectation(value, unit, per, texts, document, quote) if said else None
    group = queue.resolve(queue.find(identity), state, answer, note, expectation=expectation)
    echo(f"{group.id} is {group.state.value.replace('_', ' ')}")
    if group.state is State.ANSWERED and not evaluation_lines([group]):
        complain(f"{group.id} makes no line of an evaluation file", "say what is right: --value, --text or --quote")


@questions.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every question as it is listed, not an evaluation file.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["jsonl", "csv"]),
    help="With --all, how to write it; else by the suffix of FILE.",
)
@home_option
def export_questions(file: Path | None, everything: bool, style: str | None, home: Path) -> None:
    """Write the settled questions as an evaluation file, for `factdesk eval`, or print it.

    With --all, every question as it is listed. A file that is there already is left alone.

    \b
    factdesk questions export evaluation.jsonl
    factdesk questions export --all questions.csv
    """
    from factdesk.serve import listing
    from factdesk.serve.queue import Queue, State, evaluation_lines

    if style == "csv" and not everything:
        raise UsageError("an evaluation file is JSON Lines", hint="add --all for a table of every question")
    found = Queue(home).groups()
    if everything:
        as_table = export_style(file, style) == "csv"
        text = listing.groups_to_csv(found) if as_table else lines_of(map(listing.group_to_json, found))
    else:
        lines = evaluation_lines(found)
        text = lines_of(lines)
        settled = sum(group.state is not State.OPEN for group in found)
        if settled > len(lines):
            without = f"{settled - len(lines)} answered without saying what is right"
            complain(f"left out: {without}", "run: factdesk questions resolve ID --state answered --value, --text ...")
    export_text(text, file)


@questions.command("delete")
@click.argument("identities", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="Every question.")
@home_option
def delete_questions(identities: tuple[str, ...], everything: bool, home: Path) -> None:
    """Delete questions for good.

    \b
    factdesk questions delete q3f2a q77
    factdesk questions delete --all
    """
    from factdesk.serve.queue import Queue

    queue = Queue(home)
    deleted = delete_kept(queue.find, queue.delete, queue.delete_questions, identities, everything)
    echo(f"deleted {deleted}; {len(queue.groups())} questions are left")


@cli.group(invoke_without_command=True)
@click.option("--rating", type=click.Choice(RATINGS), help="Those with one thumb.")
@home_option
@format_option("text", "json", "jsonl", "csv", "md")
@click.pass_context
def feedback(context: click.Context, rating: str | None, home: Path, style: str) -> None:
    """List what people thought of answers, the latest first; export or delete it.

    \b
    factdesk feedback --rating down
    factdesk feedback export feedback.csv
    """
    if context.invoked_subcommand is not None:
        return
    from factdesk.serve import listing
    from factdesk.serve.queue import Queue

    found = Queue(home).feedback(rating)
    if not found and style == "text":
        complain("no answer was rated" + (f" {rating}" if rating else ""))
        return
    others = {
        "text": lambda: listing.feedback_to_text(found),
        "csv": lambda: listing.feedback_to_csv(found),
        "md": lambda: listing.feedback_to_markdown(found),
    }
    print_records([listing.feedback_to_json(item) for item in found], style, others)


@feedback.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format", "style", type=click.Choice(["jsonl", "csv"]), help="How to write it; else by the suffix of FILE."
)
@home_option
def export_feedback(file: Path | None, style: str | None, home: Path) -> None:
    """Write the ratings into a file, or print them. A file that is there already is left alone.

    JSON Lines have the whole answers.

    \b
    factdesk feedback export feedback.csv
    factdesk feedback export --format jsonl
    """
    from factdesk.serve import listing
    from factdesk.serve.queue import Queue

    found = Queue(home).feedback()
    as_table = export_style(file, style) == "csv"
    export_text(listing.feedback_to_csv(found) if as_table else lines_of(map(listing.feedback_to_json, found)), file)


@feedback.command("delete")
@click.argument("identities", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="Every rating.")
@home_option
def delete_feedback(identities: tuple[str, ...], everything: bool, home: Path) -> None:
    """Delete ratings for good, with the answers kept with them.

    \b
    factdesk feedback delete f3f2a
    factdesk feedback delete --all
    """
    from factdesk.serve.queue import Queue

    queue = Queue(home)
    deleted = delete_kept(queue.find_feedback, queue.delete, queue.delete_feedback, identities, everything)
    echo(f"deleted {deleted}; {len(queue.feedback())} ratings are left")


def delete_kept(
    find: Callable[[str], str],
    delete: Callable[[Sequence[str]], int],
    delete_all: Callable[[], int],
    identities: Sequence[str],
    everything: bool,
) -> int:
    """Delete those of these ids or beginnings of ids, or all; how many there were."""
    if bool(identities) == everything:
        raise UsageError("say which to delete", hint="give their IDs, or --all")
    if everything:
        return delete_all()
    return delete(list(dict.fromkeys(find(identity) for identity in identities)))


def export_style(file: Path | None, style: str | None) -> str:
    """How records are written: as is said, or else by the suffix of the file."""
    return style or ("csv" if file is not None and file.suffix.lower() == ".csv" else "jsonl")


def lines_of(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as JSON Lines, in characters that any output can take."""
    return "\n".join(as_json(record) for record in records)


def export_text(text: str, file: Path | None) -> None:
    """Print a text, or write it into a file that is not there yet."""
    from factdesk.qa.transcript import write_new

    if not text:
        complain("there is nothing to write")
        return
    if file is None:
        echo(text)
        return
    write_new(file, text)
    echo(f"wrote {_text(file)}")


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--passages", type=click.IntRange(0), default=0, metavar="N", help="Add the N best ranked passages.")
@home_option
@click.pass_context
def batch(context: click.Context, file: str, passages: int, home: Path) -> None:
    """Answer the questions of a JSON Lines file.

    Answers come in order, one object a line. A line of FILE is {"id": ..., "question": "...", "history": ["an
    earlier question", ...]}; only the question must be there. "-" reads standard input. A line that cannot be
    answered is reported, and the rest goes on.

    \b
    factdesk batch questions.jsonl > answers.jsonl
    factdesk batch - --passages 10 < questions.jsonl
    """
    from factdesk.qa.format import answer_to_json, clean

    with open_lines(file) as lines, open_desk(home) as desk:
        documents = desk.snapshot.catalogue.references()

        def answered(line: bytes) -> dict[str, Any]:
            asked = parse_question(line)
            question, history = clean(asked["question"]), [clean(turn) for turn in asked["history"]]
            record = answer_to_json(desk.ask(question, history=history, passages=passages), documents)
            return {**record, "id": asked.get("id", record["id"])}

        failed = answer_lines(lines, answered)
    context.exit(FAILED if failed else 0)


def answer_lines(lines: Iterable[bytes], answered: Callable[[bytes], dict[str, Any]]) -> bool:
    """Print the object that each line is answered with; whether one failed. A line that fails costs no other."""
    failed = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = answered(line)
        except UsageError as error:
            failed = True
            complain(f"line {number}: {error}", error.hint)
        except Exception as error:
            if os.environ.get("FACTDESK_DEBUG"):
                raise
            failed = True
            complain(f"line {number}: unexpected {type(error).__name__}: {error}", "FACTDESK_DEBUG=1 shows where")
        else:
            echo(as_json(record))
    return failed


@contextmanager
def open_lines(file: str) -> Iterator[Iterable[bytes]]:
    """The lines of a file or of standard input, as they come."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        source = Path(file).open("rb")  # noqa: SIM115 - closed below; errors of the caller are not ours
    except OSError as error:
        reason = Reason.NOT_FOUND if isinstance(error, FileNotFoundError) else Reason.NO_PERMISSION
        raise InputError(f"{_text(file)}: {error.strerror}", path=file, reason=reason) from error
    with source:
        yield source


def parse_question(line: bytes) -> dict[str, Any]:
    """The object of a line of `batch`. Raises UsageError if it is none."""
    form = 'a line is {"id": ..., "question": "...", "history": ["...", ...]}'
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError("not JSON in UTF-8", hint=form) from error
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        raise UsageError("no question", hint=form)
    history = found.get("history") or []
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise UsageError("the history is no list of strings", hint=form)
    return {**found, "history": history}


@cli.command("eval")
@click.argument("file", metavar="FILE")
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the cases that FILE names are called in the documents. [default: cases.json beside it, if there is one]",
)
@home_option
@format_option("text", "json", "jsonl", "csv")
@click.pass_context
def evaluate(context: click.Context, file: str, cases: Path | None, home: Path, style: str) -> None:
    """Score the answers to questions whose right answers are known.

    A line of FILE is a question with what a right answer must have; docs/evaluation.md tells the format, and
    `factdesk questions export` writes it. "-" reads standard input. The exit status is 1 if an answer is not right.

    \b
    factdesk eval questions.jsonl
    factdesk eval questions.jsonl --format csv > scores.csv
    """
    from factdesk.qa import evaluation as scores

    with open_lines(file) as lines:
        questions = scores.questions_of(lines)
    if cases is None and file != "-" and (beside := Path(file).with_name(scores.CASES)).is_file():
        cases = beside
    with open_lines(str(cases)) if cases is not None else nullcontext() as lines_of_cases:
        known = scores.cases_of(questions, None if lines_of_cases is None else b"".join(lines_of_cases))
    with open_desk(home) as desk, progress() as tell:
        sources = scores.Sources(desk.snapshot.catalogue)
        found = scores.evaluate(questions, scores.asking(desk), sources, known, tell)
    if style == "json":
        echo(as_json(scores.evaluation_to_json(found), indent=2))
    else:
        others = {
            "text": lambda: scores.evaluation_to_text(found),
            "csv": lambda: scores.evaluation_to_csv(found),
        }
        print_records([scores.scored_to_json(item) for item in found.scored], style, others)
    context.exit(0 if found.all_right else FAILED)


@cli.command()
@click.argument("question", nargs=-1, metavar="QUESTION")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="How many passages.")
@home_option
@format_option("text", "json", "jsonl", "md")
def search(question: tuple[str, ...], limit: int, home: Path, style: str) -> None:
    """Find passages, the best first.

    \b
    factdesk search how procedures went online --limit 3
    """
    from factdesk.qa import format as render

    asked = read_question(question)
    with open_desk(home) as desk:
        found, documents = desk.search(asked, limit), desk.snapshot.catalogue.references()
    others = {
        "text": lambda: render.passages_to_text(found, documents),
        "md": lambda: render.passages_to_markdown(found, documents),
    }
    print_records([render.passage_to_json(item, documents) for item in found], style, others)


@cli.command()
@click.argument("citation")
@home_option
@format_option("text", "json", "md")
@click.option(
    "--image",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="For a PDF: also draw the page, with the quote marked, into FILE (.png).",
)
def show(citation: str, home: Path, style: str, image: Path | None) -> None:
    """Show a place in its context.

    CITATION is the number of a citation of the last answer, DOCUMENT:START-END, the id of a passage or of a figure.

    \b
    factdesk show 2
    factdesk show annual-report:1234-1260
    factdesk show annual-report:1234-1260 --image page.png
    """
    from factdesk.qa.format import shown_to_json, shown_to_markdown, shown_to_text

    if image is not None and image.suffix.lower() != ".png":
        raise UsageError(f"{_text(image)}: pages are drawn as .png", hint="choose it by the suffix")
    if citation.isdecimal():
        citation = last_citation(home, int(citation))
    with open_desk(home, to_ask=False) as desk:
        found = desk.show(citation)
        files = desk.snapshot.catalogue.files()
        document = desk.snapshot.catalogue.document(found.document.id)
    path = next((file.absolute for file in files if file.document == found.document.id), None)
    source = "" if path is None else _text(path)
    if image is not None and document is not None:
        draw_page(document, path, found.start, found.end, image)
    if style == "json":
        echo(as_json(shown_to_json(found, source), indent=2))
    else:
        echo(shown_to_markdown(found) if style == "md" else shown_to_text(found, source))


def last_citation(home: Path, number: int) -> str:
    """Where a citation of the last answer stands, as DOCUMENT:START-END. Raises UsageError if there is none."""
    from factdesk.qa.history import History

    history = History(home)
    latest = history.latest()
    turns = history.turns(latest) if latest else []
    places = turns[-1].places if turns else ()
    if not 1 <= number <= len(places):
        hint = "ask first; answers are kept unless FACTDESK_KEEP=0" if not places else f"it has 1 to {len(places)}"
        raise UsageError(f"the last answer has no citation {number}", hint=hint)
    document, start, end = places[number - 1]
    return f"{document}:{start}-{end}"


def draw_page(document: Document, path: Path | None, start: int, end: int, target: Path) -> None:
    """Draw the page of a PDF on which a quote begins, with the quote marked if the file is still the same."""
    import hashlib

    from factdesk.ingest.page_image import page_image
    from factdesk.ingest.readers import is_pdf

    page = document.page_at(start)
    if page is None:
        raise UsageError(f"{document.id} has no pages to draw", hint="--image is for PDF documents")
    if path is None:
        raise UsageError(f"the file of {document.id} is not known", hint="ingest it again")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{_text(path)} cannot be read: {error.strerror}", hint="put it back") from error
    if not is_pdf(data):
        raise UsageError(f"{_text(path)} is no PDF", hint="--image is for PDF documents")
    changed = hashlib.sha256(data).hexdigest() != document.sha256
    text = document.text[page.start : page.end]
    drawn = page_image(data, document.path, page, "" if changed else text, start, end)
    reason = "the file has changed since it was indexed" if changed else drawn.unmarked
    try:
        target.write_bytes(drawn.png)
    except OSError as error:
        raise UsageError(f"{_text(target)} cannot be written: {error.strerror}") from error
    if reason:
        complain(f"nothing is marked on the page: {reason}", "ingest it again" if changed else "")


@cli.command()
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--subject", help="Of this subject (a case, or a name for it).")
@click.option("--measure", help="Of this measure: operating_cost, savings ...")
@click.option("--unit", help="In this unit: USD, %, hours ...")
@click.option("--document", help="Of this document, by its id.")
@click.option("--period", help="Of this period: 2017, 2011/2016 ...")
@home_option
@format_option("text", "json", "jsonl", "csv", "md")
def figures(
    words: tuple[str, ...],
    subject: str | None,
    measure: str | None,
    unit: str | None,
    document: str | None,
    period: str | None,
    home: Path,
    style: str,
) -> None:
    """List figures: numbers with their meaning.

    Every number of the documents with what it measures and where it stands.

    \b
    factdesk figures portal --unit USD
    factdesk figures --measure investment --format csv > investment.csv
    """
    with open_desk(home, to_ask=False) as desk:
        found = desk.figures(words, subject=subject, measure=measure, unit=unit, document=document, period=period)
    print_figures(found, style)


def print_figures(found: Sequence[Figure], style: str) -> None:
    """Print figures in any format."""
    from factdesk.qa import format as render

    if not found and style == "text":
        complain("no figure is like that", "run: factdesk figures, without conditions")
        return
    others = {
        "text": lambda: render.figures_to_text(found),
        "csv": lambda: render.figures_to_csv(found),
        "md": lambda: render.figures_to_markdown(found),
    }
    print_records([render.figure_to_json(figure) for figure in found], style, others)


@cli.command()
@click.argument("measure", nargs=-1, required=True, metavar="MEASURE")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Write a bar chart: .svg, .png or .html.")
@home_option
@format_option("text", "json", "jsonl", "csv", "md")
def compare(measure: tuple[str, ...], plot: Path | None, home: Path, style: str) -> None:
    """Compare one measure over all subjects.

    Ranked, with the subjects that do not state it.

    \b
    factdesk compare investment
    factdesk compare operating cost --plot costs.svg
    """
    from factdesk.qa import format as render

    wanted = read_question(measure)
    draw = chart_writer(plot) if plot else None
    with open_desk(home) as desk:
        answer = desk.compare(wanted)
        if draw is not None:
            draw(answer, wanted)
        if style == "text":
            echo(render.comparison_to_text(answer))
        elif style == "md":
            echo(render.comparison_to_markdown(answer))
        elif style == "csv":
            echo(render.figures_to_csv([item.figure for item in answer.figures]))
        else:
            print_answer(desk, answer, style)
    if answer.abstained:
        click.get_current_context().exit(ABSTAINED)


def chart_writer(target: Path) -> Callable[[Answer, str], None]:
    """Writes a comparison as a chart into a file. Found out first whether that can be done."""
    if target.suffix.lower() not in CHARTS:
        raise UsageError(f"{_text(target)}: charts are written as {', '.join(CHARTS)}", hint="choose one by the suffix")
    try:
        import altair
        import vl_convert  # noqa: F401 - altair imports it late, and then fails in many words
    except ImportError as error:
        raise UsageError("charts need altair and vl-convert", hint="run: pip install 'factdesk[plot]'") from error

    def draw(answer: Answer, title: str) -> None:
        from factdesk.qa.format import chart

        spec, left_out = chart(answer, title)
        if not spec:
            complain("nothing to draw: no subject states it")
            return
        for subject in left_out:
            complain(f"not in the chart, for its unit is another: {subject}")
        try:
            # The scripts go into the page: it must show without a network.
            altair.Chart.from_dict(spec).save(str(target), inline=target.suffix.lower() == ".html")
        except OSError as error:
            raise UsageError(f"{_text(target)} cannot be written: {error.strerror}") from error

    return draw


@cli.command()
@home_option
@format_option("text", "json", "jsonl", "md")
def check(home: Path, style: str) -> None:
    """Audit the figures: what does not add up.

    Items against headlines, what is stated against what follows, one document against another.

    \b
    factdesk check
    factdesk check --format json
    """
    from factdesk.qa import format as render

    with open_desk(home, to_ask=False) as desk:
        found = desk.check()
    if not found and style == "text":
        complain("no figures here can be held against one another")
        return
    others = {"text": lambda: render.findings_to_text(found), "md": lambda: render.findings_to_markdown(found)}
    print_records([render.finding_to_json(item) for item in found], style, others)


@cli.group(invoke_without_command=True)
@home_option
@format_option("text", "json", "jsonl", "csv", "md")
@click.pass_context
def documents(context: click.Context, home: Path, style: str) -> None:
    """List the documents, or remove one.

    \b
    factdesk documents
    factdesk documents remove old-report
    """
    if context.invoked_subcommand is not None:
        return
    from factdesk.qa import format as render

    with open_desk(home, to_ask=False) as desk:
        found = desk.documents()
    others = {
        "text": lambda: render.documents_to_text(found),
        "csv": lambda: render.documents_to_csv(found),
        "md": lambda: render.documents_to_markdown(found),
    }
    print_records([render.document_to_json(item) for item in found], style, others)


@documents.command()
@click.argument("identity", metavar="ID")
@home_option
def remove(identity: str, home: Path) -> None:
    """Take a document out of the index. The file stays, and the next ingest of its folder brings it back.

    \b
    factdesk documents remove old-report
    """
    from factdesk.index.builder import remove_document

    report = remove_document(home, identity)
    echo(f"removed {identity}; {report.counts.documents} documents are left")


@cli.command()
@home_option
@format_option("text", "json")
@click.pass_context
def doctor(context: click.Context, home: Path, style: str) -> None:
    """Examine the index.

    Its files, its model, what could not be read, which figures are read with a doubt (all of them with --format json).
    Exit status 1 if something is wrong.

    \b
    factdesk doctor
    factdesk doctor --format json
    """
    from factdesk.qa.format import doubts_to_text, fields_to_text

    report = examine(home)
    problems: list[str] = report["problems"]
    as_text = f"{fields_to_text(report)}\n{doubts_to_text(report)}".rstrip()
    echo(as_json(report, indent=2) if style == "json" else as_text)
    for problem in problems:
        complain(problem)
    context.exit(FAILED if problems else 0)


def examine(home: Path) -> dict[str, Any]:
    """Everything that `doctor` says; what is wrong is under "problems"."""
    from factdesk import __version__
    from factdesk.corpus.records import FileStatus
    from factdesk.index.snapshot import open_snapshot

    report: dict[str, Any] = {"factdesk": __version__, "home": str(home), "checksums": "not checked"}
    problems: list[str] = []
    try:
        with open_snapshot(home) as snapshot:
            manifest, catalogue = snapshot.manifest, snapshot.catalogue
            report["checksums"] = "as written"
            report |= {"generation": snapshot.generation, "format": manifest.format, "written_by": manifest.factdesk}
            report |= {"model": manifest.model.name, "fingerprint": manifest.model.fingerprint}
            report |= {"vectors": manifest.kind, "dimension": manifest.model.dimension}
            counts, files = manifest.counts, catalogue.files()
            report |= {name: getattr(counts, name) for name in ("documents", "passages", "units", "figures")}
            doubts = catalogue.doubts()
            report["figures_with_doubts"] = sum(map(len, doubts.values()))
            report["doubts"] = [
                {"doubt": doubt, "document": document, "page": page, "printed": printed}
                for doubt, figures in doubts.items()
                for document, page, printed in figures
            ]
            failed = [file for file in files if file.status is FileStatus.FAILED]
            report["failed"] = [{"path": file.path, "reason": file.reason, "detail": file.detail} for file in failed]
            report["without_text"] = [file.path for file in files if file.reason == Reason.NO_TEXT.value]
            warned = [item for item in catalogue.summaries() if item.warnings]
            report["warnings"] = [{"path": item.path, "warnings": list(item.warnings)} for item in warned]
            problems += [f"{file.path}: {file.reason}: {file.detail}" for file in failed]
            catalogue.check()
            _same_model(snapshot)
            snapshot.encoder.encode(["probe"])
    except FactdeskError as error:
        problems.append(error.line)
    return {**report, "problems": problems}


@cli.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen at; beyond this machine with keys."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen at.")
@click.option(
    "--public-url", default="", metavar="URL", help="The address that people use, if a proxy stands before it."
)
@click.option("--allow-host", multiple=True, metavar="HOST:PORT", help="Another name that requests may call it by.")
@click.option("--allow-origin", multiple=True, metavar="ORIGIN", help="Another site whose pages may use it.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Questions worked on at once."
)
@click.option(
    "--rate", type=click.IntRange(1), default=1200, show_default=True, help="Requests a minute of one client."
)
@click.option("--no-queue", is_flag=True, help="Do not keep what could not be answered. [env: FACTDESK_KEEP=0]")
@click.option("--log-questions", is_flag=True, help="Write the questions into the log.")
@home_option
def serve(
    host: str,
    port: int,
    public_url: str,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    threads: int,
    rate: int,
    no_queue: bool,
    log_questions: bool,
    home: Path,
) -> None:
    """Serve the desk: web page, widget, HTTP API, chat endpoint and MCP.

    Follows the index: after an ingest it answers from the new one. Stop it with Ctrl-C.

    \b
    factdesk serve
    factdesk keys create help-desk && factdesk serve --host 0.0.0.0 --public-url https://desk.example.org
    """
    from factdesk.qa.history import keeping
    from factdesk.serve.settings import Settings

    settings = Settings(
        home=home,
        host=host,
        port=port,
        public_url=public_url.rstrip("/"),
        hosts=allow_host,
        origins=allow_origin,
        threads=threads,
        rate=rate,
        keep_questions=keeping() and not no_queue,
        log_questions=log_questions,
    )
    open_desk(home, build=True).close()
    from factdesk.serve import run

    click.echo(f"factdesk: serving at {settings.address}", err=True)
    run.serve(settings)


@cli.command()
@click.option("--public-url", default="", metavar="URL", help="The address of a service, for links.")
@home_option
def mcp(public_url: str, home: Path) -> None:
    """Speak the Model Context Protocol on standard input and output, for an assistant that starts this.

    \b
    factdesk mcp
    """
    from factdesk.serve.settings import Settings

    settings = Settings(home=home, public_url=public_url.rstrip("/"), keep_questions=False)
    open_desk(home, build=True).close()
    from factdesk.serve import run

    run.serve_tools(settings)


@cli.group(invoke_without_command=True)
@home_option
@format_option("text", "json", "jsonl")
@click.pass_context
def keys(context: click.Context, home: Path, style: str) -> None:
    """List the keys of the service, make one, or take one back.

    \b
    factdesk keys
    factdesk keys create help-desk
    factdesk keys create intranet --origin https://intranet.example.org
    factdesk keys revoke 1f2e3d4c
    """
    if context.invoked_subcommand is not None:
        return
    from factdesk.qa.format import table
    from factdesk.serve.keys import Keys

    found = [
        {"id": k.id, "name": k.name, "scopes": list(k.scopes), "origins": list(k.origins), "created": k.created}
        for k in Keys(home).all()
    ]

    def as_text() -> str:
        rows = [[*(str(part) if isinstance(part, str) else " ".join(part) for part in row.values())] for row in found]
        return table(("id", "name", "scopes", "origins", "created"), rows, (0, 40, 0, 60, 0))

    if not found and style == "text":
        complain("there are no keys", "run: factdesk keys create NAME")
        return
    print_records(found, style, {"text": as_text})


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(("ask", "read", "admin")),
    help="What for. [default: ask, read]",
)
@click.option(
    "--origin", "origins", multiple=True, metavar="ORIGIN", help="For pages of this site alone; may ask only."
)
@home_option
def create_key(name: str, scopes: tuple[str, ...], origins: tuple[str, ...], home: Path) -> None:
    """Make a key and print it, once: only its checksum is kept.

    \b
    factdesk keys create help-desk
    factdesk keys create intranet --origin https://intranet.example.org
    """
    from factdesk.serve.keys import Keys, Scope

    given = scopes or (("ask",) if origins else ("ask", "read"))
    key, token = Keys(home).create(name, [Scope(scope) for scope in given], origins)
    echo(token)
    complain(f"this is key {key.id}, shown this once", f"take it back with: factdesk keys revoke {key.id}")


@keys.command("revoke")
@click.argument("identity", metavar="ID")
@home_option
def revoke_key(identity: str, home: Path) -> None:
    """Take a key back: from now on it opens nothing.

    \b
    factdesk keys revoke 1f2e3d4c
    """
    from factdesk.serve.keys import Keys

    echo(f"revoked {identity}, {Keys(home).revoke(identity).name}")


# From errors to one line


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status. No exception leaves, but of a programmer with FACTDESK_DEBUG."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            # What a terminal's encoding cannot show is shown as an escape.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = cli.main(None if arguments is None else list(arguments), prog_name="factdesk", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (Interrupted, KeyboardInterrupt, click.Abort):
        complain("interrupted", "the index is as it was")
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return PIPE_CLOSED
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"try: {context.command_path} --help" if context is not None else ""
        complain(error.format_message().rstrip("."), hint)
        return error.exit_code
    except FactdeskError as error:
        complain(str(error), error.hint)
        return 2 if isinstance(error, UsageError) else FAILED
    except Exception as error:
        if os.environ.get("FACTDESK_DEBUG"):
            raise
        complain(f"unexpected {type(error).__name__}: {error}", "FACTDESK_DEBUG=1 shows where")
        return FAILED


def _close_quietly() -> None:
    """Whoever read our output is gone: what is left in the buffer goes nowhere, or Python would complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> NoReturn:
    """The command `factdesk`."""
    if not os.environ.get("FACTDESK_DEBUG"):
        # What libraries log and warn of is not for our user: whatever matters of it is in a report or an error.
        logging.getLogger().addHandler(logging.NullHandler())
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
    status = run()
    if status == INTERRUPTED:
        # At once: torch takes seconds to leave, and CPython would end by the signal if it came inside an exec().
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
