"""Forms: what a page's fields may hold, one file per entry of the menu."""
