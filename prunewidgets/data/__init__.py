"""The data of the workbook: the 3×4 matrix of chapter 01, and MNIST."""
