"""What takes the place of a file is whole, and as private, as linked and as alone as that was."""

import os
import stat
import subprocess
import sys

import pytest

from prunewidgets.utils.atomic_file import whole_file


def write(path, text="new"):
    with whole_file(path) as temporary:
        temporary.write_text(text)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_an_overwritten_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "a.pwc"
    path.write_text("old")
    path.chmod(mode)
    with whole_file(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) & ~mode & 0o077 == 0  # nor can others read along
        temporary.write_text("new")
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_that_any_new_file_has(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.pwc")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.pwc").stat().st_mode) == 0o640


def test_a_symbolic_link_is_kept_and_points_to_the_new_file(tmp_path):
    (tmp_path / "store").mkdir()
    target, link, dangling = tmp_path / "store" / "a.pwc", tmp_path / "a.pwc", tmp_path / "b.pwc"
    target.write_text("old")
    link.symlink_to("store/a.pwc")
    dangling.symlink_to(tmp_path / "store" / "b.pwc")
    write(link)
    write(dangling)
    assert link.is_symlink() and target.read_text() == "new" and not target.is_symlink()
    assert dangling.is_symlink() and (tmp_path / "store" / "b.pwc").read_text() == "new"
    assert sorted(os.listdir(tmp_path / "store")) == ["a.pwc", "b.pwc"]


def test_a_link_to_a_missing_folder_is_refused(tmp_path):
    (tmp_path / "a.pwc").symlink_to(tmp_path / "none" / "a.pwc")
    with pytest.raises(FileNotFoundError, match="no folder .*none"):
        write(tmp_path / "a.pwc")


PROGRAM = """
import os, signal, sys
from prunewidgets.utils.atomic_file import whole_file
with whole_file(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_files_left_by_a_killed_process_are_removed_by_the_next_write(tmp_path):
    path, other = tmp_path / "a b.pwc", tmp_path / ".a b-notes.pwc"
    other.write_text("the reader's own")
    path.write_text("old")
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", PROGRAM, str(path)], timeout=60).returncode == -9
        assert path.read_text() == "old"
    with whole_file(path) as temporary:  # of a process that is still there
        write(path, "newer")
        assert sorted(os.listdir(tmp_path)) == sorted([other.name, path.name, temporary.name])
        temporary.write_text("newest")
    assert path.read_text() == "newest" and sorted(os.listdir(tmp_path)) == [other.name, path.name]
