"""The sections of a page, a file each; the door is `report.document.report_document`."""
