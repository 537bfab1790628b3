"""Units by periods: fixed effects, imputation, weights of donors, group-time effects."""
