"""Writing an instance: as a folder, or as a workbook."""
