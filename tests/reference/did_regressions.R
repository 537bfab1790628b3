# Reference values for the regressions of tests/did and tests/numeric, made with R, sandwich and MASS.
# Run from the project folder:  Rscript tests/reference/did_regressions.R
# Writes tests/reference/did_regressions.csv (made up, seeded) and tests/reference/did_regressions.json.
suppressMessages({library(sandwich); library(MASS)})
set.seed(5)
N <- 14; TT <- 10
d <- expand.grid(period = 0:(TT - 1), unit = 0:(N - 1))
first <- c(4, 4, 5, 5, 7, 7, 7, rep(99, 7))
d$first <- first[d$unit + 1]
d$treated <- as.numeric(d$period >= d$first)
d$weight <- round(runif(N, .5, 2), 2)[d$unit + 1]
d$exposure <- round(exp(runif(N, 0, 1.5)), 2)[d$unit + 1] * (1 + d$period / 50)
level <- rnorm(N, 1, .4)[d$unit + 1]; shock <- rnorm(TT, 0, .3)[d$period + 1]
frailty <- rgamma(N * TT, 4, 4)
d$count <- rpois(N * TT, exp(level + shock - .3 * d$treated) * d$exposure * frailty)
d$count[d$unit == 13] <- 0
d$score <- round(level + shock - .3 * d$treated + rnorm(N * TT, 0, .5) + rnorm(N, 0, .3)[d$unit + 1] * d$period / 5, 4)
d$other <- rpois(N * TT, exp(level * .5 + 1 + shock) * d$exposure * frailty)
write.csv(d, "tests/reference/did_regressions.csv", row.names = FALSE, quote = FALSE)
d <- read.csv("tests/reference/did_regressions.csv")
u <- factor(d$unit); p <- factor(d$period)
out <- list()
se <- function(v) unname(sqrt(v["treated", "treated"]))
cl <- function(f, type, g = d$unit, ...) se(vcovCL(f, g, type = type, cadjust = FALSE, ...))
f <- lm(score ~ treated + u + p, d)
K <- length(coef(f)); n <- nrow(d)
# CR2 by its definition (sandwich stops where a cluster has a dummy of its own), with the degrees of
# freedom of the variance estimate as a quadratic form of independent errors; CR3 by fitting again.
cr2 <- function(X, e, g, c) {
  B <- solve(crossprod(X)); M <- diag(nrow(X)) - X %*% B %*% t(X)
  G <- sapply(unique(g), function(k) { i <- which(g == k); v <- eigen(M[i, i], symmetric = TRUE)
    r <- ifelse(v$values > 1e-10, 1 / sqrt(pmax(v$values, 1e-10)), 0)
    M[, i] %*% (v$vectors %*% (r * t(v$vectors))) %*% X[i, ] %*% B %*% c })
  P <- crossprod(G); c(sqrt(sum((t(G) %*% e)^2)), sum(diag(P))^2 / sum(P^2)) }
left <- function(d, g) { b <- coef(lm(score ~ treated + u + p, d))["treated"]; k <- length(unique(g))
  away <- sapply(unique(g), function(j) coef(lm(score ~ treated + factor(unit) + factor(period), d[g != j, ]))["treated"])
  sqrt((k - 1) / k * sum((away - b)^2)) }
X <- model.matrix(f); one <- as.numeric(colnames(X) == "treated")
pair <- d$unit %/% 2
for (name in c("linear", "pairs")) {
  g <- if (name == "linear") d$unit else pair
  two <- cr2(X, residuals(f), g, one)
  out[[name]] <- list(coef = unname(coef(f)["treated"]), cr0 = cl(f, "HC0", g), cr2 = two[1], df = two[2], jackknife = left(d, g),
    counted = se(vcovCL(f, g, type = "HC1")),
    not_counted = cl(f, "HC0", g) * sqrt(length(unique(g)) / (length(unique(g)) - 1) * (n - 1) / (n - 1 - TT)))
}
w <- lm(score ~ treated + u + p, d, weights = weight)
out$weighted <- list(coef = unname(coef(w)["treated"]), cr0 = cl(w, "HC0"))
h <- d[-c(3, 17, 18, 40, 77, 131), ]
q <- lm(score ~ treated + factor(unit) + factor(period), h)
out$unbalanced <- list(coef = unname(coef(q)["treated"]), cr0 = cl(q, "HC0", h$unit))
some <- d[d$unit != 13, ]
po <- function(rows) glm(count ~ treated + factor(unit) + factor(period) + offset(log(exposure)), poisson, rows, epsilon = 1e-13, maxit = 100)
f <- po(some); away <- sapply(0:12, function(k) coef(po(some[some$unit != k, ]))["treated"])
b <- unname(coef(f)["treated"])
out$poisson <- list(coef = b, model = se(vcov(f)), cr0 = cl(f, "HC0", some$unit),
  counted = se(vcovCL(f, some$unit, type = "HC1")), jackknife = sqrt(13 / 14 * sum((away - b)^2)),
  dispersion = sum(residuals(f, "pearson")^2) / f$df.residual)
g <- glm.nb(count ~ treated + factor(unit) + factor(period) + offset(log(exposure)), some,
  control = glm.control(epsilon = 1e-14, maxit = 200))
s <- residuals(g, "working") * g$weights * model.matrix(g)
m <- rowsum(s, some$unit) %*% (summary(g)$cov.unscaled)
out$negative_binomial <- list(coef = unname(coef(g)["treated"]), alpha = 1 / g$theta,
  model = unname(sqrt(summary(g)$cov.unscaled["treated", "treated"])),
  cr0 = sqrt(sum(m[, "treated"]^2)))
long <- rbind(cbind(some[, c("unit", "period", "treated", "exposure")], y = some$count, own = 1),
              cbind(some[, c("unit", "period", "treated", "exposure")], y = some$other, own = 0))
long$both <- long$own * long$treated
# Given the total of a unit and period, Poisson with the three sets of effects is binomial.
talk <- some[some$count + some$other > 0, ]
t3 <- glm(cbind(count, other) ~ treated + factor(unit) + factor(period), binomial, talk, epsilon = 1e-13, maxit = 100)
out$triple <- list(coef = unname(coef(t3)["treated"]))
t3 <- lm(y ~ both + factor(unit):factor(period) + factor(unit):own + factor(period):own, long)
out$triple_linear <- list(coef = unname(coef(t3)["both"]))
out$versions <- list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
  MASS = as.character(packageVersion("MASS")))
value <- function(v) if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 14, format = "g", width = 1)
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/did_regressions.json")
