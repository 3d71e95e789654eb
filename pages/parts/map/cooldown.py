"""The tab "cooldown" of the page Map."""


def show() -> None:
    """Show the tab."""
