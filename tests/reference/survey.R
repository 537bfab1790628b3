# Stratified, clustered surveys in R: survey 4.1.1 (svymean, svyratio, svyciprop, svyglm, svyolr,
# rake), psych 2.2.9 (alpha, omega), stats::factanal. R 4.2.2. Writes survey.csv and survey.json.
#   Rscript tests/reference/survey.R
suppressMessages({library(survey); library(psych); library(jsonlite)})
folder <- "tests/reference"
set.seed(20121018)
frame <- expand.grid(psu = 1:5, stratum = 1:6)
rows <- frame[rep(seq_len(nrow(frame)), sample(6:12, nrow(frame), TRUE)), ]
n <- nrow(rows)
d <- data.frame(stratum = rows$stratum, cluster = 10 * rows$stratum + rows$psu,
                treated = as.integer(rows$stratum <= 3), wave = rbinom(n, 1, .5),
                race = sample(c("black", "latino", "white"), n, TRUE, c(.4, .35, .25)),
                age = sample(18:80, n, TRUE), weight = round(rexp(n) + .3, 3),
                fpc = c(20, 25, 30, 40, 12, 15)[rows$stratum])
theta <- .3 * d$treated + .1 * d$wave + .5 * d$treated * d$wave + rnorm(n) +
  .3 * rnorm(nrow(frame))[match(d$cluster, 10 * frame$stratum + frame$psu)]
for (j in 1:5) d[[paste0("q", j)]] <-
  as.integer(cut(.5 * (1 + j / 5) * theta + rnorm(n), c(-Inf, -1, -.3, .4, 1.1, Inf)))
d$q3 <- 6L - d$q3
for (j in 1:5) d[[paste0("q", j)]][sample(n, 6)] <- NA
write.csv(d, file.path(folder, "survey.csv"), row.names = FALSE, na = "")

good <- cbind(d$q1, d$q2, 6 - d$q3, d$q4, d$q5)
d$score <- ifelse(rowSums(!is.na(good)) >= 3, rowMeans(good, na.rm = TRUE), NA)
d$agree <- as.integer(d$score >= 3.5)
d$q1f <- factor(d$q1)
designs <- list(
  stratified = svydesign(~cluster, strata = ~stratum, weights = ~weight, data = d),
  finite = svydesign(~cluster, strata = ~stratum, weights = ~weight, fpc = ~fpc, data = d),
  clustered = svydesign(~cluster, weights = ~weight, data = d),
  simple = svydesign(~1, weights = ~weight, data = d),
  people = svydesign(~1, strata = ~stratum, weights = ~weight, data = d))
model <- function(m) list(coef = unname(coef(m)), se = unname(SE(m)), df = m$df.residual)
tight <- list(epsilon = 1e-13, maxit = 100)
one <- function(s) {
  mean_ <- svymean(~score, s, na.rm = TRUE, deff = "replace")
  part <- svymean(~score, subset(s, race == "black"), na.rm = TRUE)
  share <- svyciprop(~agree, subset(s, !is.na(agree)), method = "xlogit")
  ratio <- svyratio(~q1, ~q2, subset(s, !is.na(q1) & !is.na(q2)))
  logit <- svyglm(agree ~ treated + wave + treated:wave, s, family = quasibinomial(),
                  control = tight)
  b <- coef(logit); p <- plogis(c(sum(b), sum(b[1:3])))
  gradient <- p[1] * (1 - p[1]) * c(1, 1, 1, 1) - p[2] * (1 - p[2]) * c(1, 1, 1, 0)
  order <- svyolr(q1f ~ treated + wave + treated:wave, s, control = list(reltol = 1e-15))
  list(mean = c(coef(mean_), SE(mean_)), deff = unname(deff(mean_)),
       part = c(coef(part), SE(part)),
       share = c(coef(share), SE(share), attr(share, "ci")), df = degf(subset(s, !is.na(agree))),
       ratio = c(coef(ratio), SE(ratio)),
       linear = model(svyglm(score ~ treated + wave + treated:wave, s)),
       adjusted = model(svyglm(score ~ treated + wave + treated:wave + age + race, s)),
       logistic = model(logit),
       adjusted_logistic = model(svyglm(agree ~ treated + wave + treated:wave + age + race, s,
                                        family = quasibinomial(), control = tight)),
       risk = c(p[1] - p[2], sqrt(gradient %*% vcov(logit) %*% gradient)),
       ordered = list(coef = unname(c(coef(order, intercepts = FALSE), order$zeta)),
                      se = unname(SE(order)), df = order$df.residual),
       black = model(svyglm(score ~ treated + wave + treated:wave, subset(s, race == "black"))))
}
out <- lapply(designs, one)

# A stratum with one unit, by each of R's rules.
single <- d[!(d$stratum == 6 & d$cluster != 61), ]
out$lonely <- list()
for (rule in c("certainty", "adjust", "average")) {
  options(survey.lonely.psu = rule)
  s <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = single)
  out$lonely[[rule]] <- model(svyglm(score ~ treated + wave + treated:wave, s))
}
options(survey.lonely.psu = "fail")

# Raking to race and age group.
d$old <- ifelse(d$age >= 45, "old", "young")
s <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = d)
raked <- rake(s, list(~race, ~old),
              list(data.frame(race = c("black", "latino", "white"), Freq = c(420, 330, 250)),
                   data.frame(old = c("old", "young"), Freq = c(430, 570))),
              control = list(maxit = 500, epsilon = 1e-14))
m <- svymean(~score, raked, na.rm = TRUE)
out$raked <- list(weights = unname(weights(raked)), mean = c(coef(m), SE(m)),
                  linear = model(svyglm(score ~ treated + wave + treated:wave, raked)))

# The Wald F of equal effects over races.
joint <- svyglm(score ~ 0 + race + race:treated + race:wave + race:treated:wave, s)
place <- grep("treated:wave", names(coef(joint)))
out$races <- list(coef = unname(coef(joint)[place]), cov = unname(vcov(joint)[place, place]))

# Reliability, without weights.
full <- good[complete.cases(good), ]
a <- suppressWarnings(alpha(as.data.frame(full), check.keys = FALSE))
f <- factanal(full, 1, control = list(opt = list(factr = 1), lower = .005))
lambda <- as.vector(f$loadings) * apply(full, 2, sd); unique <- f$uniquenesses * apply(full, 2, var)
out$reliability <- list(alpha = a$total$raw_alpha, feldt = unlist(a$feldt[c("lower.ci", "upper.ci")]),
                        item_rest = unname(a$item.stats$r.drop), loadings = as.vector(f$loadings),
                        unique = unname(f$uniquenesses),
                        omega = sum(lambda)^2 / (sum(lambda)^2 + sum(unique)),
                        n = nrow(full))
w <- d$weight[complete.cases(good)]
out$reliability$cov_weighted <- cov.wt(full, w / sum(w))$cov
p <- c(.012, .2, .003, .04, .031)
out$holm <- list(p = p, adjusted = p.adjust(p, "holm"))
write_json(lapply(out, function(x) x), file.path(folder, "survey.json"), digits = NA,
           auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
