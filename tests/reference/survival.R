# Reference values of the survival tests in tests/numeric, made with R: survival, cmprsk, MASS, sandwich, numDeriv.
# Run from the project folder:  Rscript tests/reference/survival.R
# Writes tests/reference/survival.csv and survival_spells.csv (made up, seeded) and survival.json.
suppressMessages({library(survival); library(cmprsk); library(MASS); library(sandwich); library(numDeriv); library(jsonlite)})
set.seed(29)
n <- 260
d <- data.frame(id = 1:n, arm = rbinom(n, 1, .4), age = round(rnorm(n, 26, 6), 1), priors = rpois(n, 3), gang = rbinom(n, 1, .4),
  site = sample(1:3, n, TRUE), cluster = sample(1:40, n, TRUE), weight = round(runif(n, .4, 2.5), 2))
h <- exp(-.04 * (d$age - 26) + .12 * (d$priors - 3) + .4 * d$gang - .4 * d$arm)
t1 <- rexp(n, h / 500); t2 <- rexp(n, exp(.3 * d$gang) / 1500); cen <- runif(n, 200, 900)
d$time <- ceiling(pmin(t1, t2, cen) / 10) * 10
d$cause <- ifelse(cen <= pmin(t1, t2), 0, ifelse(t1 <= t2, 1, 2))
d$start <- pmin(sample(c(0, 0, 10, 20, 60), n, TRUE), d$time - 10)
p <- plogis(-.8 + .15 * d$priors - .5 * d$arm + .3 * d$gang)
d$days <- rbinom(n, 1, p) * ceiling(rgamma(n, 1.3, 1.3 / exp(3 + .1 * d$priors - .3 * d$arm)))
d$arrests <- rnbinom(n, mu = exp(.2 + .1 * d$priors - .3 * d$arm), size = 1.5)
write.csv(d, "tests/reference/survival.csv", row.names = FALSE, quote = FALSE)
d <- read.csv("tests/reference/survival.csv")
d$event <- as.numeric(d$cause == 1)
horizons <- c(90, 180, 365, 700)
out <- list(versions = list(R = R.version.string, survival = as.character(packageVersion("survival")), cmprsk = as.character(packageVersion("cmprsk"))))

# Kaplan-Meier, every interval, and robust errors.
km <- function(fit) { s <- summary(fit, times = horizons, extend = TRUE)
  list(surv = s$surv, se = s$std.err, lower = s$lower, upper = s$upper, at_risk = s$n.risk) }
out$km <- list(
  log = km(survfit(Surv(time, event) ~ 1, d, conf.type = "log")),
  "log-log" = km(survfit(Surv(time, event) ~ 1, d, conf.type = "log-log")),
  plain = km(survfit(Surv(time, event) ~ 1, d, conf.type = "plain")),
  late = km(survfit(Surv(start, time, event) ~ 1, d)),
  weighted_greenwood = km(survfit(Surv(time, event) ~ 1, d, weights = weight, robust = FALSE)),
  weighted_robust = km(survfit(Surv(time, event) ~ 1, d, weights = weight, robust = TRUE, id = id)),
  weighted_cluster = km(survfit(Surv(time, event) ~ 1, d, weights = weight, cluster = cluster)),
  late_cluster = km(survfit(Surv(start, time, event) ~ 1, d, weights = weight, cluster = cluster)))
lr <- survdiff(Surv(time, event) ~ arm, d); ls <- survdiff(Surv(time, event) ~ arm + strata(site), d)
l3 <- survdiff(Surv(time, event) ~ site, d)
out$log_rank <- list(chisq = lr$chisq, stratified = ls$chisq, three = l3$chisq)

# Restricted mean.
rm <- function(f) unname(summary(f, rmean = 365)$table[c("rmean", "se(rmean)")])
out$rmst <- list(plain = rm(survfit(Surv(time, event) ~ 1, d)), arm1 = rm(survfit(Surv(time, event) ~ 1, d[d$arm == 1, ])),
  arm0 = rm(survfit(Surv(time, event) ~ 1, d[d$arm == 0, ])), late = rm(survfit(Surv(start, time, event) ~ 1, d)))
# The same with weights, by an independent way: the infinitesimal jackknife from numerical derivatives by the weights.
area <- function(w) { f <- survfit(Surv(time, event) ~ 1, d, weights = w, se.fit = FALSE); t <- c(0, f$time[f$time < 365], 365)
  sum(diff(t) * c(1, f$surv[f$time < 365])) }
g <- grad(area, d$weight) * d$weight
out$rmst$weighted <- c(area(d$weight), sqrt(sum(g^2)), sqrt(sum(rowsum(g, d$cluster)^2)))

# Cumulative incidence.
d$state <- factor(d$cause, 0:2, c("censor", "arrest", "death"))
aj <- function(fit) { s <- summary(fit, times = horizons, extend = TRUE); list(p = s$pstate[, 2], se = s$std.err[, 2]) }
out$aj <- list(plain = aj(survfit(Surv(time, state) ~ 1, d)),
  weighted = aj(survfit(Surv(time, state) ~ 1, d, weights = weight, id = id)),
  cluster = NULL)
# R 4.2's survival 3.5 leaves `cluster` out of several states: the jackknife from numerical derivatives by the weights instead.
prob <- function(w, t) summary(survfit(Surv(time, state) ~ 1, d, weights = w, id = id, se.fit = FALSE), times = t)$pstate[1, 2]
out$aj$cluster <- list(p = out$aj$weighted$p, se = sapply(horizons, function(t)
  sqrt(sum(rowsum(grad(function(w) prob(w, t), d$weight) * d$weight, d$cluster)^2))))
out$aj$late <- aj(survfit(Surv(start, time, state) ~ 1, d, id = id))
ci <- timepoints(cuminc(d$time, d$cause), horizons)
out$cuminc <- list(p = unname(ci$est[1, ]), se = unname(sqrt(ci$var[1, ])), p2 = unname(ci$est[2, ]), se2 = unname(sqrt(ci$var[2, ])))
lost <- function(w) { f <- survfit(Surv(time, state) ~ 1, d, weights = w, id = id, se.fit = FALSE); t <- c(0, f$time[f$time < 365], 365)
  sum(diff(t) * c(0, f$pstate[f$time < 365, 2])) }
out$time_lost <- c(lost(d$weight), sqrt(sum((grad(lost, d$weight) * d$weight)^2)))
gt <- function(...) unname(cuminc(...)$Tests)
out$gray <- list(arm = gt(d$time, d$cause, d$arm), site = gt(d$time, d$cause, d$site), stratified = gt(d$time, d$cause, d$arm, d$site))

# Cox.
cx <- function(f) list(beta = unname(coef(f)), se = unname(sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var))),
  robust = if (is.null(f$naive.var)) NULL else unname(sqrt(diag(f$var))), loglik = f$loglik)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60)
form <- function(lhs, more = NULL) as.formula(paste(lhs, "~ arm + age + priors + gang", more))
for (ties in c("efron", "breslow")) {
  out$cox[[ties]] <- list(
    plain = cx(coxph(form("Surv(time, event)"), d, ties = ties, control = tight)),
    robust = cx(coxph(form("Surv(time, event)"), d, ties = ties, robust = TRUE, control = tight)),
    weighted = cx(coxph(form("Surv(time, event)"), d, ties = ties, weights = weight, robust = TRUE, control = tight)),
    cluster = cx(coxph(form("Surv(time, event)"), d, ties = ties, weights = weight, cluster = cluster, control = tight)),
    strata = cx(coxph(form("Surv(time, event)", "+ strata(site)"), d, ties = ties, weights = weight, cluster = cluster, control = tight)),
    late = cx(coxph(form("Surv(start, time, event)"), d, ties = ties, weights = weight, cluster = cluster, control = tight)),
    late_strata = cx(coxph(form("Surv(start, time, event)", "+ strata(site)"), d, ties = ties, cluster = id, control = tight)))
  fit <- coxph(form("Surv(time, event)"), d, ties = ties, control = tight)
  for (g in c("km", "rank", "identity", "log")) out$zph[[ties]][[g]] <- unname(cox.zph(fit, g)$table[, 1])
  fit <- coxph(form("Surv(start, time, event)", "+ strata(site)"), d, ties = ties, weights = weight, control = tight)
  out$zph[[ties]]$late_strata_km <- unname(cox.zph(fit, "km")$table[, 1])
}

# Fine and Gray.
X <- as.matrix(d[, c("arm", "age", "priors", "gang")])
fg <- crr(d$time, d$cause, X, gtol = 1e-15, maxiter = 80)
out$crr <- list(beta = unname(fg$coef), se = unname(sqrt(diag(fg$var))), naive = unname(sqrt(diag(fg$invinf))), loglik = c(fg$loglik.null, fg$loglik))
fgg <- crr(d$time, d$cause, X, cengroup = d$site, gtol = 1e-15, maxiter = 80)
out$crr_groups <- list(beta = unname(fgg$coef), se = unname(sqrt(diag(fgg$var))))
fd <- finegray(Surv(time, state) ~ ., d, etype = "arrest")
for (ties in c("efron", "breslow"))
  out$finegray[[ties]] <- cx(coxph(form("Surv(fgstart, fgstop, fgstatus)"), fd, weights = fgwt, ties = ties, cluster = id, control = tight))
wd <- d; fw <- finegray(Surv(time, state) ~ ., wd, etype = "arrest", weights = weight)
out$finegray$weighted <- cx(coxph(form("Surv(fgstart, fgstop, fgstatus)"), fw, weights = fgwt, cluster = cluster, control = tight))

# Recurrent events.
rows <- do.call(rbind, lapply(1:120, function(i) {
  frail <- rgamma(1, 2, 2); end <- d$start[i] + 60 + 10 * sample(20:60, 1); t <- 0; cut <- c()
  repeat { t <- t + rexp(1, frail * h[i] / 250); if (t >= end) break; cut <- c(cut, ceiling(t)) }
  cut <- unique(cut[cut < end]); stops <- c(cut, end)
  data.frame(id = i, start = c(0, stops[-length(stops)]), stop = stops, event = c(rep(1, length(cut)), 0), arm = d$arm[i], age = d$age[i], weight = d$weight[i]) }))
write.csv(rows, "tests/reference/survival_spells.csv", row.names = FALSE, quote = FALSE)
ag <- coxph(Surv(start, stop, event) ~ arm + age, rows, cluster = id, control = tight)
agw <- coxph(Surv(start, stop, event) ~ arm + age, rows, weights = weight, cluster = id, ties = "breslow", control = tight)
mcf <- function(f) { s <- summary(f, times = horizons, extend = TRUE); list(chaz = s$cumhaz, se = s$std.chaz) }
out$andersen_gill <- list(plain = cx(ag), weighted = cx(agw),
  mcf = mcf(survfit(Surv(start, stop, event) ~ 1, rows, cluster = id, id = id)),
  mcf_weighted = mcf(survfit(Surv(start, stop, event) ~ 1, rows, cluster = id, id = id, weights = weight)))

# Days: logit for any, gamma with log link or log-linear for how many; negative binomial. Effects by the delta method, covariates as they are.
tight2 <- glm.control(epsilon = 1e-15, maxit = 200)
d$any <- as.numeric(d$days > 0); pos <- d[d$days > 0, ]
M <- model.matrix(~ arm + age + priors + gang, d)
at <- function(a) { m <- M; m[, 2] <- a; m }
se <- function(V, g) sqrt(drop(g %*% V %*% g))
put <- function(w, name) {
  d$w <- w; pos$w <- w[d$days > 0]
  logit <- suppressWarnings(glm(any ~ arm + age + priors + gang, quasibinomial, d, weights = w, control = tight2))
  gam <- glm(days ~ arm + age + priors + gang, quasi(link = "log", variance = "mu^2"), pos, weights = w, control = tight2, start = coef(lm(log(days) ~ arm + age + priors + gang, pos)))
  b <- c(coef(logit), coef(gam)); V <- matrix(0, 10, 10); V[1:5, 1:5] <- sandwich(logit); V[6:10, 6:10] <- sandwich(gam)
  mean_at <- function(b, a, o) { m <- plogis(at(a) %*% b[1:5]) * exp(at(a) %*% b[6:10]); sum(o * m) / sum(o) }
  res <- list(logit = unname(coef(logit)), gamma = unname(coef(gam)), logit_se = unname(sqrt(diag(sandwich(logit)))), gamma_se = unname(sqrt(diag(sandwich(gam)))))
  # Both parts are fitted to the same people: their covariance across parts, from stacked scores, is not nought.
  u1 <- M * (w * (d$any - fitted(logit)))
  u2 <- matrix(0, nrow(d), 5); u2[d$days > 0, ] <- M[d$days > 0, ] * (pos$w * (pos$days / fitted(gam) - 1))
  A <- matrix(0, 10, 10); A[1:5, 1:5] <- t(M) %*% (M * (w * fitted(logit) * (1 - fitted(logit)))); Mp <- M[d$days > 0, ]
  A[6:10, 6:10] <- t(Mp) %*% (Mp * pos$w)
  B <- solve(A); U <- cbind(u1, u2); joint <- B %*% crossprod(U) %*% B
  jointc <- B %*% crossprod(rowsum(U, d$cluster)) %*% B
  for (e in c("ATT", "ATE")) { o <- if (e == "ATT") w * d$arm else w
    m1 <- mean_at(b, 1, o); m0 <- mean_at(b, 0, o)
    g <- grad(function(b) mean_at(b, 1, o) - mean_at(b, 0, o), b)
    res[[e]] <- list(means = c(m1, m0), se = se(joint, g), cluster = se(jointc, g)) }
  res }
out$two_part <- list(plain = put(rep(1, n)), weighted = put(d$weight))
ll <- lm(log(days) ~ arm + age + priors + gang, pos)
out$two_part$loglinear <- list(beta = unname(coef(ll)), HC0 = unname(sqrt(diag(sandwich(ll)))), smear = mean(exp(residuals(ll))))
# With exposure: days at risk.
nb <- glm.nb(arrests ~ arm + age + priors + gang + offset(log(time)), d, control = glm.control(epsilon = 1e-15, maxit = 200))
mean_nb <- function(b, a, o) { m <- exp(at(a) %*% b + log(365)); sum(o * m) / sum(o) }
out$nb <- list(beta = unname(coef(nb)), se = unname(sqrt(diag(vcov(nb)))), theta = nb$theta,
  robust = unname(sqrt(diag(sandwich(nb)))))
for (e in c("ATT", "ATE")) { o <- if (e == "ATT") d$arm else rep(1, n)
  g <- grad(function(b) mean_nb(b, 1, o) - mean_nb(b, 0, o), coef(nb))
  out$nb[[e]] <- list(means = c(mean_nb(coef(nb), 1, o), mean_nb(coef(nb), 0, o)), model = se(vcov(nb), g), robust = se(sandwich(nb), g)) }
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = 1, null = "null"), "tests/reference/survival.json")
