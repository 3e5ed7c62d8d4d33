"""Write the address of the repository that a workflow runs in into the book, and push that.

    python scripts/publish_here.py

Run by .github/workflows/publish.yml in its checkout. GITHUB_SERVER_URL, GITHUB_REPOSITORY and
GITHUB_REF_NAME say what the address is. Where it stands already, nothing is changed. Otherwise the
change is a commit of its own on top of the branch, and the checkout is left at it. Nothing is ever
forced: if somebody pushes in between, that push is taken first.
"""

import os
import subprocess
import sys
from pathlib import Path

from course_utils import publish

ROOT = Path(__file__).resolve().parent.parent
ATTEMPTS = 5
AUTHOR = [
    "-c", "user.name=github-actions[bot]",
    "-c", "user.email=41898282+github-actions[bot]@users.noreply.github.com",
]  # fmt: skip


def git(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8")
    if check and done.returncode:
        raise OSError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done


def variable(name: str) -> str:
    if not os.environ.get(name):
        raise ValueError(f"{name}: '' is invalid; run this in a workflow, or set it as one does")
    return os.environ[name]


def publish_here() -> str:
    """Publish on top of the branch as it is now, and return what was done, in a sentence."""
    branch = variable("GITHUB_REF_NAME")
    address = f"{variable('GITHUB_SERVER_URL')}/{variable('GITHUB_REPOSITORY')}"
    if git("status", "--porcelain", "--untracked-files=no").stdout:
        raise ValueError("the checkout has changes; commit them first")
    for _ in range(ATTEMPTS):
        git("fetch", "--quiet", "origin", f"refs/heads/{branch}")
        git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        changed = publish.publish(address, branch, ROOT)
        if not git("status", "--porcelain", "--untracked-files=no").stdout:
            return f"{address} stands in the book already"
        git("add", "--", *changed)
        git(*AUTHOR, "commit", "--quiet", "--no-verify", f"--message=The book's address: {address}")
        pushed = git("push", "--porcelain", "origin", f"HEAD:refs/heads/{branch}", check=False)
        if not pushed.returncode:
            return f"{address} now stands in {len(changed)} files"
        said = (pushed.stdout + pushed.stderr).strip()
        tip = git("ls-remote", "origin", f"refs/heads/{branch}").stdout.split()[:1]
        if tip == git("rev-parse", "HEAD~").stdout.split():
            break  # nobody pushed in between: it is refused for another reason
    raise OSError(
        f"the branch {branch} does not take the commit. Let workflows write to it, or, in a clone, "
        f"run python -m course_utils publish --repository {address} --ref {branch}, commit and "
        f"push. git says:\n{said}"
    )


def main() -> int:
    try:
        print(publish_here())
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
