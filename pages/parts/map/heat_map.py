"""The tab "heat_map" of the page Map."""


def show() -> None:
    """Show the tab."""
