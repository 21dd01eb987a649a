"""The words of a saved page that no view has; `widgets/words.py` has the others."""

PAGE = {
    "page_title": "Pruning {model}",
    "page_of_views": "Pruning, without a kernel",
    "page_measures": (
        "Drag the threshold: this page measures the network in your browser, on the {n} {what} that it "
        "carries. It needs no Python and no network."
    ),
    "page_starting": "Getting ready to measure…",
    "page_checked": "Checked on opening: without pruning, this page reads all {n} {what} as Python did.",
    "page_differs": (
        "Checked on opening: without pruning, this page reads {differing} of {n} {what} otherwise than "
        "Python did, where the two best answers are almost equal: {each}."
    ),
    "page_differs_one": "number {index} as {here} instead of {there} ({margin} apart)",
    "page_more": "and {n} more",
    "page_fixed": (
        "This page cannot measure here: {reasons}. Its accuracies were measured in Python when it was saved, "
        "at {n} sparsities; when you let go, the slider moves to the nearest of them."
    ),
    "page_cannot_run": "it does not compute {layers}",
    "page_failed": "This browser cannot measure here: {error}. The accuracies are those measured in Python.",
    "page_foot": (
        "Saved by prunewidgets {version} on {date}. Everything is in this one file; it asks for nothing else."
    ),
    "page_no_script": "This page needs JavaScript.",
}
