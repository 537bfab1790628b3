# Reference values of tests/numeric/test_cox.py on the NIJ recidivism challenge (Georgia), made with R: survival.
# Run from the project folder:  Rscript tests/reference/recidivism.R FOLDER_WITH_nij_georgia_recidivism.csv
# Writes tests/reference/recidivism.json. The data are public and are not kept here.
suppressMessages({library(survival); library(jsonlite)})
n <- read.csv(file.path(commandArgs(TRUE)[1], "nij_georgia_recidivism.csv")); n[n == -1] <- NA
v <- c("Gang_Affiliated", "Supervision_Risk_Score_First", "Age_at_Release", "Prior_Arrest_Episodes_Felony", "Prior_Arrest_Episodes_Violent")
n <- n[complete.cases(n[, c(v, "Recidivism_Arrest_Year1", "Prison_Years", "Residence_PUMA")]), ]
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60)
se <- function(m) unname(sqrt(diag(m)))
values <- function(f) list(beta = unname(coef(f)), se = se(f$naive.var), robust = se(f$var))
one <- as.formula(paste("Surv(rep(1, nrow(n)), Recidivism_Arrest_Year1) ~", paste(v, collapse = "+")))
# On the clock of age in bands, so that nearly everyone enters late and is tied with thousands.
age <- as.formula(paste("Surv(Age_at_Release, Age_at_Release + 1, Recidivism_Arrest_Year1) ~", paste(v[-3], collapse = "+"), "+ strata(Prison_Years)"))
out <- list(n = nrow(n), efron = values(coxph(one, n, robust = TRUE, control = tight)),
  breslow = values(coxph(one, n, ties = "breslow", robust = TRUE, control = tight)),
  late = values(coxph(age, n, cluster = Residence_PUMA, control = tight)))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = 1), "tests/reference/recidivism.json")
