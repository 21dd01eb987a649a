"""The words of the lecture view, of a saved page and of a notebook; see `words.py`."""

LECTURE = {
    "lecture_start": "Lecture",
    "lecture_start_title": "Show this page as slides, full-screen",
    "lecture_bar": "Slides",
    "lecture_back": "Back",
    "lecture_next": "Next",
    "lecture_place": "Slide {n} of {all}",
    "lecture_place_title": "Jump to a slide",
    "lecture_keys": "Keys",
    "lecture_leave": "Leave",
    "lecture_said": "Slide {n} of {all}: {title}",
    "lecture_untitled": "Slide {n}",
    "lecture_close": "Close",
    "lecture_jump": "Jump to a slide",
    "lecture_find": "Number, or a word of the heading",
    "lecture_black": "The screen is black. Any key brings the slide back.",
    "lecture_shown": "The slide is shown again.",
    "lecture_code_shown": "The code is shown.",
    "lecture_code_hidden": "The code is hidden.",
    "lecture_laser_on": "The pointer is a red dot.",
    "lecture_laser_off": "The pointer is an arrow again.",
    "lecture_speaker": "Speaker: {title}",
    "lecture_speaker_open": "The speaker window is open.",
    "lecture_speaker_blocked": (
        "The browser has blocked the speaker window. Allow pop-up windows for this page, and press s again."
    ),
    "lecture_notes": "Notes",
    "lecture_no_notes": "This slide has no notes.",
    "lecture_coming": "Next",
    "lecture_coming_same": "Next, on this slide",
    "lecture_coming_notes": "Notes for it",
    "lecture_end": "This is the end of the lecture.",
    "lecture_time": "Time",
    "lecture_elapsed": "Since the start",
    "lecture_restart": "Start at zero",
    "lecture_view": "Here is a view or a picture.",
    # In a notebook that is open in JupyterLab.
    "lecture_jupyter": "Lecture",
    "lecture_jupyter_start": "Start the lecture",
    "lecture_jupyter_how": (
        "Shows this notebook as slides, with its views alive. Run all cells first. → and ← move, c shows the "
        "code, s opens the notes, ? lists all keys, Esc leaves."
    ),
    "lecture_nothing": "This notebook has no cells to show.",
    "lecture_no_panel": (
        "Slides of an open notebook need JupyterLab 4 or Notebook 7. Elsewhere, save the notebook as a page "
        "that opens as slides: python -m prunewidgets lecture NAME.ipynb"
    ),
    "lecture_windowed": (
        "JupyterLab has only the cells on the screen in its page, so there are no slides. Choose “Content "
        "visibility” or “Defer” under Settings › Settings Editor › Notebook › Windowing mode, reload, "
        "and start again."
    ),
    "lecture_in_page": "The button “Lecture” at the top of this page shows the slides.",
    # The keys, and what each does, in the order of the list.
    "lecture_key_next": "→: next step or slide",
    "lecture_key_back": "←: the one before",
    "lecture_key_down": "Space, Page Down, ↓: the rest of a long slide, then the next step",
    "lecture_key_up": "Shift+Space, Page Up, ↑: the same way back",
    "lecture_key_ends": "Home, End: first slide, last slide",
    "lecture_key_jump": "g or /: jump to a slide",
    "lecture_key_code": "c: show or hide the code",
    "lecture_key_black": "b or .: black screen",
    "lecture_key_laser": "l: a red dot as pointer",
    "lecture_key_speaker": "s: speaker window: notes, next slide, time",
    "lecture_key_full": "f: full screen",
    "lecture_key_leave": "Esc: from a slider or field back to the slides; then out of the lecture",
    "lecture_key_keys": "?: these keys",
}
