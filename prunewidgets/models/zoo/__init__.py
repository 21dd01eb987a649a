"""The networks of the workbook, their trained weights, and the script that trained them."""
