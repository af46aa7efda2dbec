"""The measure of all things: one Flask route that answers a constant."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/")
def hello() -> str:
    """Say hello."""
    return "hello"
