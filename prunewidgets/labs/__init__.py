"""The labs, which connect live models to the views."""
