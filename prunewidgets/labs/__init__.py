"""Where live models meet the views."""
