"""The workbook as a folder of static files: a first page, every chapter and the documentation.

python -m tools.site            builds it in build/site; a chapter that has not changed is not run again
python -m tools.site --check    opens every page of it in Chromium, without a network
"""
