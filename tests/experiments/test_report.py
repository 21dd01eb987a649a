"""A report's numbers against a computation by hand, and its warnings."""

import html
import sys
from statistics import mean, stdev

import pandas as pd
import pytest

import prunewidgets as pw

T_2 = 4.302652729911275  # 97.5 % quantile of Student's t with 2 degrees of freedom, from a table
LOSS = {"magnitude": 0.1, "random": 0.5, "small dense": 0.2}


def runs(**changes):
    rows = [
        {
            "dataset": "digits",
            "model": "net",
            "method": method,
            "sparsity": sparsity,
            "seed": seed,
            "accuracy": 0.98 - loss * sparsity + 0.01 * loss * seed**2,
            "before": 0.98 + 0.001 * seed,
            "parameters": 1000,
            "nonzeros": round(1000 * (1 - sparsity)),
            "dense_bytes": 4000,
            "gzip_bytes": 800,
            "compact_bytes": 500,
            "multiply_adds": 9000,
            "nonzero_multiply_adds": 4500,
            "epochs": 5,
        }
        | changes
        for method, loss in LOSS.items()
        for sparsity in (0.5, 0.75, 0.875, 0.9375, 0.96875)
        for seed in (0, 1, 2)
    ]
    return pd.DataFrame(rows)


def test_the_numbers_are_those_computed_by_hand():
    table = pw.report(runs()).table.set_index(["method", "sparsity"])
    row = table.loc[("magnitude", 0.75)]
    values = [0.905, 0.906, 0.909]
    half = T_2 * stdev(values) / 3**0.5
    assert [row["mean"], row["sd"]] == pytest.approx([mean(values), stdev(values)])
    assert [row["low"], row["high"]] == pytest.approx([mean(values) - half, mean(values) + half])
    assert [row["before"], row["change"]] == pytest.approx([0.981, mean(values) - 0.981])
    assert [row["compression"], row["size_ratio"], row["multiply_adds_ratio"]] == [4, 8, 2]
    random = [0.98 - 0.375 + 0.005 * seed**2 for seed in range(3)]
    apart = [ours - theirs for ours, theirs in zip(values, random, strict=True)]
    half = T_2 * stdev(apart) / 3**0.5
    assert row["random_difference"] == pytest.approx(mean(apart))
    assert [row["random_low"], row["random_high"]] == pytest.approx([mean(apart) - half, mean(apart) + half])
    assert pd.isna(table.loc[("random", 0.75), "random_difference"]) and len(table) == 15


def test_a_complete_comparison_has_one_warning():
    assert pw.report(runs()).warnings == [
        "1 pair of data set and model; a claim about methods in general needs 3."
    ]


def without(columns):
    return runs().drop(columns=columns)


def changed(column, value, method="magnitude"):
    frame = runs()
    frame.loc[frame["method"] == method, column] = value
    return frame


def failed():
    frame = runs()
    frame.loc[0, "accuracy"] = None
    return frame


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (runs()[lambda frame: frame["seed"] < 2], "Fewer than 3 seeds: magnitude, random, small dense."),
        (runs()[lambda frame: frame["sparsity"] < 0.9], "Fewer than 5 sparsities"),
        (runs()[lambda frame: frame["method"] != "random"], "No random control"),
        (runs()[lambda frame: frame["method"] != "small dense"], "No dense control"),
        (without("before"), "No value before pruning"),
        (without("multiply_adds"), "No ratio of multiply-adds: let the methods return"),
        (without("nonzeros"), "No compression"),
        (without(["gzip_bytes", "compact_bytes"]), "No size ratio"),
        (without(["dataset", "model"]), "The runs do not say what was pruned"),
        (
            changed("epochs", 9),
            "set-ups differ in epochs (digits, net): magnitude: 9; random: 5; small dense",
        ),
        (
            runs(optimizer="adam").pipe(lambda f: f.assign(optimizer=f["method"])),
            "set-ups differ in optimizer",
        ),
        (changed("before", 0.5), "started from models of different quality"),
        (changed("seed", 7), "different seeds"),
        (failed(), "1 run of 'magnitude' failed"),
    ],
)
def test_what_is_missing_or_differs_is_said(frame, sentence):
    assert any(sentence in warning for warning in pw.report(frame).warnings)
    assert not any(sentence in warning for warning in pw.report(runs()).warnings)


def test_runs_of_other_models_are_not_averaged():
    both = pd.concat([runs(), runs(model="other", accuracy=0.5)])
    table = pw.report(both).table
    assert len(table) == 30 and table.loc[table["model"] == "net", "mean"].min() > 0.5


def test_less_is_better_is_said_and_controls_are_named():
    frame = runs().rename(columns={"accuracy": "loss"})
    report = pw.report(frame, "loss", random="small dense")
    assert report.direction == "min" and "by loss (less is better)" in report.to_markdown()
    apart = report.table.set_index(["method", "sparsity"]).loc[("magnitude", 0.75), "random_difference"]
    assert apart == pytest.approx(mean([0.1 * 0.75 - 0.0 + 0.001 * s**2 - 0.002 * s**2 for s in range(3)]))


def test_text_is_text_in_markdown_and_html(tmp_path):
    report = pw.report(changed("model", "<script>|*x*"))
    text, page = report.to_markdown(tmp_path / "r.md"), report.to_html(tmp_path / "r.html")
    assert "<script>" not in text + page and html.escape("<script>|*x*") in page
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert "fewer multiply-adds" in table[0] and "speedup" not in text  # only what was timed is a speed
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1 and len(table) == 17
    assert "90.67" in text and "90.67" in page and "4×" in text and text == repr(report)
    assert (tmp_path / "r.md").read_text(encoding="utf-8") == text
    written = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>") and written.endswith(page)


def test_parquet_has_the_table(tmp_path):
    pytest.importorskip("pyarrow", reason="needs the extra prunewidgets[sweeps]")
    report = pw.report(runs())
    report.to_parquet(tmp_path / "r.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "r.parquet"), report.table)


def test_without_pyarrow_the_error_names_the_extra(tmp_path, monkeypatch):
    report = pw.report(runs())
    for name in ("pyarrow", "pyarrow.parquet", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pip install 'prunewidgets\[sweeps\]'"):
        report.to_parquet(tmp_path / "r.parquet")
    assert not list(tmp_path.iterdir())


def test_frames_that_cannot_be_reported_are_refused():
    with pytest.raises(TypeError, match="frame has to be a DataFrame from pw.compare_methods, not dict"):
        pw.report({})
    with pytest.raises(ValueError, match="the frame lacks the columns accuracy"):
        pw.report(without("accuracy"))
    with pytest.raises(ValueError, match="no rows"):
        pw.report(runs().iloc[:0])
    with pytest.raises(ValueError, match="random is 'other', which is not a method of the frame: magn"):
        pw.report(runs(), random="other")
    with pytest.raises(ValueError, match="setup has lr, which the frame does not have"):
        pw.report(runs(), setup=["lr"])
