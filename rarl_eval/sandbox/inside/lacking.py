"""Packages whose absence is the sandbox's, not the program's fault."""

import re

PACKAGES = frozenset({
    "numpy", "pandas", "scipy", "sympy", "sklearn", "matplotlib", "seaborn", "requests", "bs4", "nltk",
    "networkx", "statsmodels", "PIL", "cv2", "django", "flask", "flask_login", "flask_mail",
    "flask_restful", "flask_wtf", "werkzeug", "wtforms", "lxml", "openpyxl", "xlwt", "xlrd", "docx", "yaml",
    "pytz", "dateutil", "regex", "rsa", "Crypto", "cryptography", "folium", "geopandas", "shapely", "geopy",
    "faker", "gensim", "librosa", "mechanize", "natsort", "prettytable", "psutil", "pyquery", "pytesseract",
    "soundfile", "tensorflow", "keras", "torch", "texttable", "textblob", "wikipedia", "wordcloud",
    "wordninja", "xmltodict", "sortedcontainers", "more_itertools", "numba", "tabulate", "tqdm", "jinja2",
    "attr", "pydantic", "chardet", "holidays", "blake3", "gmpy2", "atcoder",
})  # fmt: skip
"""By the import's name: what published benchmarks and contests use (BigCodeBench, DS-1000, LiveCodeBench)."""


def lacking(text: str) -> str | None:
    """Return the package of such an error's text; a module that a program made up is its own fault, and gives None."""
    found = re.match(r"No module named '(\w+)", text)
    return found[1] if found and found[1] in PACKAGES else None
