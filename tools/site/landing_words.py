"""The words of the site's first page, in one place; numbers in braces are measured when the page is made.

`LANDING` is in the page from the start, `LIVE` is said by the lab while the reader drags.
"""

SAMPLE = """
import prunewidgets as pw

_, (x, y) = pw.datasets.mnist()            # or your own data
model = pw.models.pretrained("small_cnn")  # or your own model
lab = pw.PruningLab(model, x, y)           # a notebook shows it
lab.sparsity = 0.9
print(f"{lab.accuracy:.2%} right")
"""

LANDING = {
    "title": "Pruning in a minute: drag, and see what a neural network can lose",
    "name": "prunewidgets",
    "nav": "Main",
    "nav_chapters": "Chapters",
    "nav_own": "Your own model",
    "nav_docs": "Documentation",
    "skip": "Skip to the chapters",
    "question": "How much of a neural network can you throw away?",
    "lead": (
        "This one reads digits with {weights} weights. Drag, and the smallest become zero: your browser "
        "measures what it can still read."
    ),
    "lab": "The network, live",
    "network": "The {weights} weights of the network",
    "network_caption": "Each dot is a weight: the brighter, the larger.",
    "legend_kept": "kept",
    "legend_now": "just removed",
    "legend_gone": "removed",
    "right": "read right",
    "gone": "weights removed",
    "axis": "share of the weights removed",
    "handle": "Weights removed",
    "from_python": "Measured in Python, on {n} test digits.",
    "none_gone": "Nothing is removed yet.",
    "step": "1 of 5",
    "steps": "Five things to try",
    "start_title": "Your turn",
    "start_text": "Drag the orange handle until three quarters of the weights are gone.",
    "guess_title": "Guess before you look",
    "guess_text": "How many weights can go before the network reads fewer than 95 of 100 digits right?",
    "edge_title": "Find the edge",
    "edge_text": (
        "Drag until the network reads less than 95 % right. Arrow keys and these buttons make small steps."
    ),
    "less": "0.1 % less",
    "more": "0.1 % more",
    "seven_title": "What happens to this {seven}?",
    "seven_text": "Drag back to the left, and then on until the network takes it for another digit.",
    "all_title": "Take everything",
    "all_text": "Drag to the right end: no weight is left. What does the network say now?",
    "onward": "What training can give back, and more: the chapters",
    "back": "Back",
    "next": "Next",
    "wall": "Test digits",
    "wall_caption": (
        "The first {wall} test digits, which the network has never been trained on. "
        "Orange: misread, as the digit shown."
    ),
    "chapters": "Go on: one question a chapter",
    "chapters_text": (
        "Every chapter is a page that needs no Python: you drag, guess and look, and the code is there "
        "to read."
    ),
    "minutes": "{minutes} minutes",
    "own": "What you can do with your own model",
    "own_text": (
        "A few lines of Python open the whole lab on a Keras 3 model of yours. Looking never changes the "
        "model; applying the cut is a step of its own, and it can be undone to the last bit."
    ),
    "own_page": "A lab becomes one HTML file, like this page, with",
    "sample": "Python code",
    "sample_prints": "This prints",
    "install": "How to get it",
    "install_text": (
        "To read the chapters you need nothing but this site. To change and run them you need Python 3.11 to "
        "3.13, git and make; then, in a copy of the repository:"
    ),
    "install_command": "make lab",
    "install_after": "It makes an environment of its own and opens the chapters in JupyterLab.",
    "install_link": "Windows, conda, and without a copy of the repository",
    "for_you": "Where next",
    "student": "I want to learn pruning",
    "student_link": "Start with the first chapter",
    "lecturer": "I teach",
    "lecturer_link": "How to teach a class with it",
    "researcher": "I have a model",
    "researcher_link": "How to prune your own model",
    "compare": "I compare methods",
    "compare_link": "How to compare them overnight",
    "reference": "I look something up",
    "reference_link": "All functions and views",
    "foot": "Made with prunewidgets {version} on {date}. This page is one file; it asks for nothing else.",
    "no_script": "The network above needs JavaScript; the chapters are listed below.",
}

LIVE = {
    "locale": "en",
    "right_of": "Measured in your browser on {n} digits so far.",
    "right_all": "Measured in your browser on all {n} test digits.",
    "measuring": "Measuring in your browser…",
    "failed": (
        "This browser cannot measure here ({error}). This was measured in Python, with {share} removed."
    ),
    "below": "All weights below the threshold {threshold} are zero.",
    "none_gone": "Nothing is removed yet.",
    "value": "{share} removed, threshold {threshold}",
    "spoken": "{share} of the weights removed, threshold {threshold}. {accuracy} of the digits read right.",
    "network": "{removed} of the {total} weights are removed; the {kept} largest are kept.",
    "wall_right": "{n} test digits; all are read right.",
    "wall_wrong": "{n} test digits; {wrong} are misread: {each}.",
    "wall_one": "a {label} as {read}",
    "step": "{number} of {steps}",
    "start_now": "{share} are gone.",
    "start_done": "{share} are gone, and it still reads {accuracy} right. Before, it was {unpruned}.",
    "guess_done": "You say {guess}. Now go and see.",
    "edge_now": "With {share} removed it reads {accuracy} right.",
    "edge_done": (
        "{above_accuracy} at the threshold {above_threshold} ({above_share} removed), {below_accuracy} at "
        "{below_threshold} ({below_share}). Somewhere between them is the edge.{guess}"
    ),
    "edge_guess": " You said {guess}.",
    "seven_now": "It is read as {read}.",
    "seven_done": "With {share} removed, it is read as {read}.",
    "all_now": "{share} are gone.",
    "all_done": (
        "It says {read} to every picture, whatever is on it, and is right on {accuracy} of the digits: "
        "those that are a {read}."
    ),
}
