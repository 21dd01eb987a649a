"""The words of a saved page that no view has; `widgets/words.py` has the others."""

from ..widgets.words_lecture import LECTURE

PAGE = LECTURE | {
    "page_title": "Pruning {model}",
    "page_of_views": "Pruning, without a kernel",
    "page_measures": (
        "Drag the threshold: your browser measures the network, on the {n} {what} that are in this page."
    ),
    "page_starting": "Getting ready to measure…",
    "page_checked": "Checked on opening: without pruning, all {n} are read as in Python.",
    "page_differs": (
        "Checked on opening: without pruning, {differing} of {n} {what} are read differently than in Python: "
        "{each}."
    ),
    "page_differs_one": (
        "number {index} as {here} instead of {there} (here, its two best answers are {margin} apart)"
    ),
    "page_differs_nan": "number {index} (for it, the network computes infinity, or no number at all)",
    "page_more": "and {n} more",
    "page_fixed": (
        "This page cannot measure here: {reasons}. What it shows was measured in Python when it was saved, "
        "at {n} sparsities; when you let go, the slider moves to the nearest of them."
    ),
    "page_cannot_run": "it does not compute {layers}",
    "page_counts": (
        "This page counts weights, their bytes and multiply-adds wherever you drag. Files, milliseconds and "
        "memory were measured in Python when it was saved, at a sparsity of {sparsity} %; elsewhere they are "
        "stale."
    ),
    "page_metric": "it knows no metric but accuracy",
    "page_weights": "it gives each example the same weight",
    "page_answers": "it reads one answer for each example, and the model gives several",
    "page_precision": "it computes in float32",
    "page_model_large": "the model has more weights than a page carries",
    "page_stream": "the examples come in batches that do not make one array",
    "page_examples_large": "the examples have {size:,.0f} MB, and a page carries at most {most:g} MB",
    "page_failed": (
        "This browser cannot measure here: {error}. What you see was measured in Python, when this page was "
        "saved."
    ),
    "page_no_worker": "it does not start the worker that measures",
    "page_broken": (
        "This page could not start. Either this browser is too old, and a newer Chrome, Edge, Firefox or "
        "Safari shows it; or the file is not complete, and has to be copied or downloaded again."
    ),
    "page_script": "Here the notebook shows something that a script draws; this page cannot show it.",
    "page_output": "Here the notebook shows {what}, which this page cannot show.",
    "page_plotly": "a Plotly figure",
    "page_widget": "Here the notebook shows a widget ({kind}) that needs Python.",
    "page_elsewhere": "This is not in the page: {what}",
    "page_foot": (
        "Saved by prunewidgets {version} on {date}. Everything is in this one file; it asks for nothing else."
    ),
    "page_head_views": (
        "The views of this page move without Python, and a lab measures the network in your browser."
    ),
    "page_head": (
        "The cells were run when this page was saved. Where the text asks you to run or change a cell, to "
        "write a function, or to press a button that you do not see (such as Apply), that needs Python."
    ),
    "page_answer": "Your answer",
    "page_several": "several numbers: a, b",
    "page_not_known": "This page cannot check {given}: that needs Python.",
    "page_guess": "Your guess",
    "page_guessed": "Your guess: {guess}",
    "page_opened": "Noted. What was found has been opened below ({n}).",
    "page_needs_python": "Checking an answer needs Python.",
    "page_how": "How to get it",
    "page_python": "With Python",
    "page_python_how": (
        "The views of this page move and measure without Python. To change and run the cells, and to have "
        "all of your answers checked, get Python 3.11 to 3.13 and then the chapters:"
    ),
    "page_python_commands": (
        "pip install 'prunewidgets[tensorflow,lab]'\n"
        "python -m prunewidgets workbook pruning\n"
        "python -m jupyterlab pruning"
    ),
    "page_no_script": "This page needs JavaScript.",
}
