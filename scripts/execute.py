"""Execute the notebooks of the book in place, on real MNIST, and store their outputs.

python scripts/execute.py                       every notebook in book/
python scripts/execute.py book/05a_mnist_mlp.ipynb
"""

import argparse
import base64
import io
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from course_utils import data
from course_utils.basics.files import write_atomically

BOOK = Path(__file__).resolve().parent.parent / "book"


def execute(path: Path, cell_timeout: int) -> None:
    """Run one notebook from its first cell, in its own folder, and replace the file whole."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=cell_timeout,
        startup_timeout=cell_timeout,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        coalesce_streams=True,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":  # a progress bar that is done leaves a line of blanks
            cell.outputs = [o for o in cell.outputs if o.output_type != "stream" or o.text.strip()]
            for output in cell.outputs:
                if png := output.get("data", {}).get("image/png"):
                    output["data"]["image/png"] = lighter(png)
    # Which Python ran the notebook is not part of the notebook.
    notebook.metadata.pop("language_info", None)
    write_atomically(path, lambda part: nbformat.write(notebook, part))


def lighter(png: str) -> str:
    """Write the same picture in fewer bytes: without a channel that says "opaque" everywhere."""
    image: Image.Image = Image.open(io.BytesIO(base64.b64decode(png)))
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of book/")
    parser.add_argument("--cell-timeout", type=int, default=600, help="seconds (default: 600)")
    arguments = parser.parse_args()

    # The stored outputs are made on MNIST, never on the stand-in digits: fail here if it is absent.
    try:
        data.load(source="mnist")
    except data.DataError as error:
        print(error, file=sys.stderr)
        return 1
    for path in arguments.notebooks or sorted(BOOK.glob("*.ipynb")):
        start = time.perf_counter()
        try:
            execute(path, arguments.cell_timeout)
        except CellExecutionError as error:
            print(f"{path.name}: left as it was, a cell failed\n{error}", file=sys.stderr)
            return 1
        print(f"{path.name}: {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
