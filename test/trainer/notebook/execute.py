"""Executes a notebook top to bottom, as a person would: execute.py NOTEBOOK FOLDER.

Writes executed.ipynb and executed.html to the folder, where the kernel runs too. A cell that raises
ends it with 1 and its traceback.
"""

import os
import sys

import nbclient
import nbconvert
import nbformat

DIGITS = '''
"""MNIST cannot be fetched everywhere: the kernel loads scikit-learn's digits in its place."""
import keras
import numpy
from sklearn.datasets import load_digits


def load_data(path="mnist.npz"):
    digits = load_digits()
    # 8 by 8 pixels of 0 to 16, each nine times as large, in a frame of two.
    images = numpy.kron((digits.images * 255 / 16).astype("uint8"), numpy.ones((1, 3, 3), "uint8"))
    images = numpy.pad(images, ((0, 0), (2, 2), (2, 2)))
    labels = digits.target.astype("uint8")
    return (images[:640], labels[:640]), (images[640:800], labels[640:800])


keras.datasets.mnist.load_data = load_data
'''


def main(notebook, folder):
    # IPython runs what lies here before the first cell.
    startup = os.path.join(folder, "ipython", "profile_default", "startup")
    os.makedirs(startup)
    with open(os.path.join(startup, "digits.py"), "w", encoding="utf-8") as file:
        file.write(DIGITS)
    os.environ.update(IPYTHONDIR=os.path.join(folder, "ipython"), KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    executed = nbformat.read(notebook, as_version=4)
    where = {"metadata": {"path": folder}}
    nbclient.NotebookClient(executed, timeout=300, kernel_name="python3", resources=where).execute()
    nbformat.write(executed, os.path.join(folder, "executed.ipynb"))
    text, _ = nbconvert.HTMLExporter(template_name="lab").from_notebook_node(executed)
    with open(os.path.join(folder, "executed.html"), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:3])
