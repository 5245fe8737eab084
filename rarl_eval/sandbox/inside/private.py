"""The private folder of a sample, where it is on disk: emptied after each, and measured meanwhile."""

import contextlib
import os


def clear(base: str) -> None:
    """Empty a folder that a hostile program wrote in: trees of any depth, rights taken away, never following a link.

    Each folder is first moved up into the base, so that no path grows long and nothing recurses.
    """
    os.chmod(base, 0o700)
    os.utime(base, (0, 0))  # what a program sets here the next one could read
    with contextlib.suppress(OSError):
        os.rmdir(f"{base}/tmp")  # most programs leave it empty
    if not os.listdir(base):
        return
    unused, moved, pending = os.urandom(8).hex(), 0, [base]
    while pending:
        place = pending.pop()
        for entry in list(os.scandir(place)):
            if entry.is_dir(follow_symlinks=False):
                moved += 1
                os.chmod(entry.path, 0o700)
                pending.append(f"{base}/{unused}.{moved}")
                os.rename(entry.path, pending[-1])
            else:
                os.unlink(entry.path)
        if place != base:
            os.rmdir(place)


def holds_more(folder: str, limit_bytes: int, limit_entries: int) -> bool:
    """Whether the files of a folder, all levels, take more room than allowed, or are more."""
    total = entries = 0
    pending = [folder]
    while pending:
        try:
            for entry in os.scandir(pending.pop()):
                entries += 1
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                if total > limit_bytes or entries > limit_entries:
                    return True
        except OSError:
            continue
    return False
