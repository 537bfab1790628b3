# Reference values for tests/its/test_lagged_poisson.py, made with R alone.
# Run from the project folder:  Rscript tests/reference/lagged_poisson.R
# Reads tests/reference/its_series.csv (made by its.R) and writes tests/reference/lagged_poisson.json.
d <- read.csv("tests/reference/its_series.csv"); y <- d$y; pop <- d$pop
n <- length(y); time <- 1:n; month <- (time - 1) %% 12 + 1
X <- cbind(intercept = 1, time, s1 = sin(2*pi*month/12), c1 = cos(2*pi*month/12),
           s2 = sin(4*pi*month/12), c2 = cos(4*pi*month/12))
level <- as.numeric(time >= 67); before <- c(NA, y[-n])
out <- list()
put <- function(name, lag, level, keep) {
  f <- glm(y ~ 0 + X + lag + level + offset(log(pop)), family = quasipoisson, subset = keep, epsilon = 1e-14)
  b <- coef(f)["level"]; se <- sqrt(diag(vcov(f)))
  out[[name]] <<- list(coef = unname(coef(f)), se = unname(se), df = f$df.residual,
    dispersion = summary(f)$dispersion, low = unname(b - qt(.975, f$df.residual) * se["level"]),
    p = unname(2 * pt(-abs(b / se["level"]), f$df.residual)))
}
all <- time > 1
put("log", log(before + 1), level, all)
put("count", before, level, all)
put("washout", log(before + 1), as.numeric(time >= 70), all & !(time %in% 67:69))
out[["versions"]] <- list(R = R.version.string)
value <- function(v) {
  words <- if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 12, format = "g", width = 1)
  if (length(v) == 1) words else paste0("[", paste(words, collapse = ", "), "]")
}
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/lagged_poisson.json")
