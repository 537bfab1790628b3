"""Evidence becomes words and pictures; no number is made here.

The door is `write.write_report`; `document.report_document` is the page, block by block. What is
said stands in `text/`, a file a language.
"""
