"""The tab "worlds" of the page Map."""


def show() -> None:
    """Show the tab."""
