"""Why something changed: logarithmic mean Divisia index, additive (LMDI-I)."""
