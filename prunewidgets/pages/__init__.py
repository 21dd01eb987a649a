"""Labs and views as HTML files that need neither Python nor a network."""
