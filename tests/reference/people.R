# Reference values of tests/individual and tests/numeric, made with R: stats, sandwich, MatchIt, numDeriv.
# Run from the project folder:  Rscript tests/reference/people.R
# Writes tests/reference/people.csv (made up, seeded) and tests/reference/people.json.
suppressMessages({library(sandwich); library(MatchIt); library(numDeriv); library(jsonlite)})
set.seed(11)
n <- 400
d <- data.frame(id = 1:n, age = round(rnorm(n, 25, 5), 1), priors = rpois(n, 3), gang = rbinom(n, 1, .4))
d$treated <- rbinom(n, 1, plogis(-1.6 - .04 * (d$age - 25) + .2 * (d$priors - 3) + .8 * d$gang))
d$rearrest <- rbinom(n, 1, plogis(-.3 - .05 * (d$age - 25) + .2 * (d$priors - 3) + .5 * d$gang - .5 * d$treated))
d$days <- round(pmax(0, 20 + 8 * d$priors + 10 * d$gang - 12 * d$treated + rnorm(n, 0, 25)), 1)
d$weight <- round(runif(n, .5, 2), 2)
d$cluster <- sample(1:60, n, TRUE)
write.csv(d, "tests/reference/people.csv", row.names = FALSE, quote = FALSE)
d <- read.csv("tests/reference/people.csv")
tight <- glm.control(epsilon = 1e-15, maxit = 100)
A <- d$treated; X <- model.matrix(~ age + priors + gang, d)
out <- list()
ps <- glm(treated ~ age + priors + gang, binomial, d, control = tight)
pw <- suppressWarnings(glm(treated ~ age + priors + gang, quasibinomial, d, weights = weight, control = tight))
se <- function(v) unname(sqrt(diag(v)))
out$propensity <- list(beta = unname(coef(ps)), se = se(vcov(ps)), hat = unname(hatvalues(ps))[1:5],
  weighted = unname(coef(pw)), weighted_hc0 = se(sandwich(pw)))
p <- fitted(ps); o <- p / (1 - p)
w <- list(ATT = ifelse(A == 1, 1, o), ATE = ifelse(A == 1, 1 / p, 1 / (1 - p)))
s <- mean(A); ws <- list(ATT = ifelse(A == 1, 1, o * (1 - s) / s), ATE = w$ATE * ifelse(A == 1, s, 1 - s))
for (e in c("ATT", "ATE")) for (y in c("rearrest", "days")) {
  d$y <- d[[y]]; d$w <- ws[[e]]
  fam <- if (y == "rearrest") quasibinomial else gaussian
  plain <- suppressWarnings(glm(y ~ treated, fam, d, weights = w, control = tight))
  more <- suppressWarnings(glm(y ~ treated + age + priors + gang, fam, d, weights = w, control = tight))
  line <- lm(y ~ treated, d, weights = w)
  q <- coef(more); at <- function(a) { m <- X %*% q[c(1, 3:5)] + a * q[2]; if (y == "rearrest") plogis(m) else m }
  out[["weighted"]][[e]][[y]] <- list(
    beta = unname(coef(plain)), HC0 = se(vcovHC(plain, "HC0")), HC1 = se(vcovHC(plain, "HC1")),
    HC2 = se(vcovHC(plain, "HC2")), HC3 = se(vcovHC(plain, "HC3")),
    cluster = se(vcovCL(plain, ~ cluster, type = "HC1")),
    adjusted = unname(coef(more)), adjusted_HC1 = se(vcovHC(more, "HC1")),
    marginal = if (e == "ATT") mean((at(1) - at(0))[A == 1]) else mean(at(1) - at(0)),
    line = unname(coef(line)[2]), line_HC1 = se(vcovHC(line, "HC1"))[2], line_HC0 = se(vcovHC(line, "HC0"))[2],
    line_cluster = se(vcovCL(line, ~ cluster, type = "HC1"))[2])
}
# Stacked estimating equations with numerical derivatives: the sandwich of all parameters, its
# last two those of the means; times n/(n - 1).
sandwiched <- function(psi, theta, cl = NULL) {
  U <- psi(theta); n <- nrow(U); bread <- solve(jacobian(function(t) colSums(psi(t)), theta))
  if (is.null(cl)) meat <- crossprod(U) * n / (n - 1) else {
    S <- rowsum(U, cl); meat <- crossprod(S) * nrow(S) / (nrow(S) - 1) }
  V <- bread %*% meat %*% t(bread); k <- length(theta); c <- c(rep(0, k - 2), 1, -1); sqrt(drop(c %*% V %*% c)) }
# With sampling weights b.
for (kind in c("plain", "sampled")) for (e in c("ATT", "ATE")) for (y in c("rearrest", "days")) {
  Y <- d[[y]]; b <- if (kind == "plain") rep(1, n) else d$weight / mean(d$weight)
  fit <- if (kind == "plain") ps else pw
  p <- fitted(fit); o <- p / (1 - p); pi1 <- b * A
  ww <- function(g) { p <- plogis(drop(X %*% g)); b * if (e == "ATT") ifelse(A == 1, 1, p / (1 - p)) else ifelse(A == 1, 1 / p, 1 / (1 - p)) }
  m <- c(weighted.mean(Y[A == 1], ww(coef(fit))[A == 1]), weighted.mean(Y[A == 0], ww(coef(fit))[A == 0]))
  psi <- function(t) { g <- t[1:4]; v <- ww(g)
    cbind(b * (A - plogis(drop(X %*% g))) * X, v * A * (Y - t[5]), v * (1 - A) * (Y - t[6])) }
  iptw <- list(means = m, se = sandwiched(psi, c(coef(fit), m)), cluster = sandwiched(psi, c(coef(fit), m), d$cluster))
  fam <- if (y == "rearrest") quasibinomial else gaussian
  inv <- if (y == "rearrest") plogis else identity
  d$Y <- Y; d$b <- b
  f1 <- glm(Y ~ age + priors + gang, fam, d, weights = b, subset = treated == 1, control = tight)
  f0 <- glm(Y ~ age + priors + gang, fam, d, weights = b, subset = treated == 0, control = tight)
  m1 <- predict(f1, d, type = "response"); m0 <- predict(f0, d, type = "response")
  target <- function(p, m1, m0) { o <- p / (1 - p)
    if (e == "ATE") cbind(m1 + A / p * (Y - m1), m0 + (1 - A) / (1 - p) * (Y - m0))
    else cbind(A * Y, A * m0 + (1 - A) * o * (Y - m0)) }
  over <- if (e == "ATE") b else b * A
  tt <- b * target(p, m1, m0); mu <- colSums(tt) / sum(over)
  infl <- (tt[, 1] - tt[, 2] - over * (mu[1] - mu[2])) / mean(over)
  theta <- c(coef(fit), coef(f1), coef(f0), mu)
  psi <- function(t) { g <- plogis(drop(X %*% t[1:4])); a1 <- inv(drop(X %*% t[5:8])); a0 <- inv(drop(X %*% t[9:12]))
    v <- b * target(g, a1, a0)
    cbind(b * (A - g) * X, b * A * (Y - a1) * X, b * (1 - A) * (Y - a0) * X, v[, 1] - over * t[13], v[, 2] - over * t[14]) }
  joint <- glm(Y ~ treated + age + priors + gang, fam, d, weights = b, control = tight)
  j1 <- predict(joint, transform(d, treated = 1), type = "response"); j0 <- predict(joint, transform(d, treated = 0), type = "response")
  gm <- function(m1, m0) if (e == "ATE") c(sum(b * m1), sum(b * m0)) / sum(b) else c(sum(b * A * Y), sum(b * A * m0)) / sum(b * A)
  gpsi <- function(t) { a1 <- inv(drop(X %*% t[1:4])); a0 <- inv(drop(X %*% t[5:8]))
    cbind(b * A * (Y - a1) * X, b * (1 - A) * (Y - a0) * X, over * ((if (e == "ATE") a1 else Y) - t[9]), over * (a0 - t[10])) }
  gt <- c(coef(f1), coef(f0), gm(m1, m0))
  JX <- cbind(1, A, X[, -1])
  jpsi <- function(t) { h <- function(a) inv(drop(cbind(1, a, X[, -1]) %*% t[1:5]))
    cbind(b * (Y - h(A)) * JX, over * ((if (e == "ATE") h(1) else Y) - t[6]), over * (h(0) - t[7])) }
  aj <- b * target(p, j1, j0)
  # Entropy balancing by its dual.
  goal <- colSums(over * X)
  eb <- lapply(0:1, function(a) { r <- A == a; Z <- sweep(X, 2, goal / sum(over)); Z <- sweep(Z, 2, apply(X, 2, function(v) max(abs(v))), "/")[, -1]
    f <- optim(rep(0, 3), function(l) log(sum(b[r] * exp(Z[r, ] %*% l))), function(l) { v <- b[r] * exp(drop(Z[r, ] %*% l)); colSums(v * Z[r, ]) / sum(v) },
      method = "BFGS", control = list(reltol = 1e-16, maxit = 1000))
    l <- f$par; for (i in 1:20) { v <- b[r] * exp(drop(Z[r, ] %*% l)); v <- v / sum(v); g <- colSums(v * Z[r, ]); l <- l - solve(crossprod(Z[r, ] * sqrt(v)) - tcrossprod(g), g) }
    list(l = l, Z = Z) })
  ew <- function(a, l) b * exp(drop(eb[[a + 1]]$Z %*% l))
  em <- sapply(c(1, 0), function(a) weighted.mean(Y[A == a], ew(a, eb[[a + 1]]$l)[A == a]))
  if (e == "ATT") em[1] <- weighted.mean(Y[A == 1], b[A == 1])
  # Moments: weighted x of the side equal target means, which are parameters too.
  tm <- goal[-1] / sum(over)
  epsi <- function(t) { sc <- apply(X, 2, function(v) max(abs(v)))[-1]; Zt <- sweep(sweep(X[, -1], 2, t[1:3]), 2, sc, "/")
    e1 <- b * exp(drop(Zt %*% t[4:6])); e0 <- b * exp(drop(Zt %*% t[7:9]))
    if (e == "ATT") e1 <- b
    first <- if (e == "ATT") matrix(rep(t[4:6], each = n), n) else A * e1 * Zt
    cbind(over * sweep(X[, -1], 2, t[1:3]), first, (1 - A) * e0 * Zt, A * e1 * (Y - t[10]), (1 - A) * e0 * (Y - t[11])) }
  et <- c(tm, if (e == "ATT") rep(0, 3) else eb[[2]]$l, eb[[1]]$l, em)
  out[[kind]][[e]][[y]] <- list(iptw = iptw,
    aipw = list(means = mu, se = sd(infl) / sqrt(n), stacked = sandwiched(psi, theta),
      stacked_cluster = sandwiched(psi, theta, d$cluster),
      cluster = { S <- rowsum(infl, d$cluster); sqrt(sum(S^2) * nrow(S) / (nrow(S) - 1)) / n },
      joint = (colSums(aj) / sum(over))[1] - (colSums(aj) / sum(over))[2]),
    standardization = list(means = gm(m1, m0), se = sandwiched(gpsi, gt), joint = gm(j1, j0),
      joint_se = sandwiched(jpsi, c(coef(joint), gm(j1, j0)))),
    entropy = list(means = em, se = sandwiched(epsi, et)))
}
# Matching: MatchIt 4.5.1 on a matrix of distances (on a vector of scores it does not take the nearest),
# in the order of the score, and a loop with a caliper.
d$Y <- NULL
lo <- round(qlogis(fitted(ps)), 9); cal <- .2 * sqrt((var(lo[A == 1]) + var(lo[A == 0])) / 2)
o <- order(-lo); D <- abs(outer(unname(lo), unname(lo), "-"))
rows <- function(m, by) { k <- m$match.matrix; k <- cbind(by[as.integer(rownames(k))], matrix(by[as.integer(k)], nrow(k)))
  k[order(k[, 1]), , drop = FALSE] }
sorted <- function(...) { e <- d[o, ]; rownames(e) <- NULL
  matchit(treated ~ age + priors + gang, e, method = "nearest", distance = D[o, o], m.order = "data", ...) }
one <- sorted(); two <- sorted(ratio = 2)
back <- matchit(treated ~ age + priors + gang, d, method = "nearest", distance = D, replace = TRUE)
free <- which(A == 0); loop <- NULL
for (i in which(A == 1)[order(-lo[A == 1])]) { g <- abs(lo[free] - lo[i]); j <- which.min(g)
  if (g[j] <= cal) { loop <- rbind(loop, c(i, free[j])); free <- free[-j] } }
loop <- loop[order(loop[, 1]), ]
tab <- summary(one); t <- t.test(d$days[loop[, 1]], d$days[loop[, 2]], paired = TRUE)
# Abadie and Imbens (2006), theorem 7, with replacement and one match, J = 1.
k <- rows(back, 1:n); m <- nrow(k); tau <- mean(d$days[k[, 1]] - d$days[k[, 2]])
K <- table(k[, 2]); s2 <- sapply(as.integer(names(K)), function(j) { r <- setdiff(which(A == 0), j)
  (d$days[j] - d$days[r[which.min(abs(lo[r] - lo[j]))]])^2 / 2 })
ai <- sqrt(sum((d$days[k[, 1]] - d$days[k[, 2]] - tau)^2) / m^2 + sum(K * (K - 1) * s2) / m^2)
out$matching <- list(one = rows(one, o), two = rows(two, o), back = k, loop = loop, caliper = cal,
  paired = c(unname(t$estimate), t$stderr), replaced = c(tau, ai),
  before = unname(tab$sum.all[, "Std. Mean Diff."]), after = unname(tab$sum.matched[, "Std. Mean Diff."]),
  ess = unname(summary(back)$nn["Matched (ESS)", "Control"]))
write_json(out, "tests/reference/people.json", digits = 12, auto_unbox = TRUE, na = "null", pretty = FALSE)
