# Reference values for tests/did/test_imputation.py, test_gardner.py, test_poisson_imputation.py and
# test_spillover.py, made with base R alone. Run from the project folder:
#   Rscript tests/reference/did_groups.R
# Reads data/synthetic/group_quarter.csv and writes tests/reference/did_groups.json. Everything is by
# design matrices with a dummy for each group, quarter, and treated cohort by quarter.
d <- read.csv("data/synthetic/group_quarter.csv")
tight <- glm.control(epsilon = 1e-13, maxit = 200)
d$g <- factor(d$group); d$q <- factor(d$quarter)
d$t <- as.integer(d$q) - 1
first <- tapply(ifelse(d$called_in == 1, d$t, Inf), d$g, min)
d$first <- first[as.character(d$g)]
d$cell <- ifelse(d$called_in == 1, paste(d$first, d$t), "none")

# ---- linear imputation, and its conservative error by the weights of Borusyak, Jaravel, Spiess
free <- d$called_in == 0
Z <- model.matrix(~ g + q, d)
Z0 <- Z[free, ]; Z1 <- Z[!free, ]
y0 <- drop(Z %*% qr.coef(qr(Z0), d$shootings[free]))
effect <- d$shootings - y0
judge <- function(w) {
  v <- w
  v[free] <- -drop(Z0 %*% solve(crossprod(Z0), crossprod(Z1, w[!free])))
  conservative <- effect
  for (cell in setdiff(unique(d$cell), "none")) {
    own <- d$cell == cell
    if (sum(w[own]^2) > 0)
      conservative[own] <- effect[own] - sum(v[own]^2 * effect[own]) / sum(v[own]^2)
  }
  pooled <- effect
  pooled[w > 0] <- effect[w > 0] - sum(w * effect)
  se <- function(e) sqrt(sum(tapply(v * e, d$g, sum)^2))
  c(sum(w * effect), se(conservative), se(pooled))
}
overall <- judge(ifelse(free, 0, 1 / sum(!free)))
events <- sapply(0:3, function(k) { own <- !free & d$t - d$first == k; judge(own / sum(own)) })

# ---- leads among the untreated cells, clustered as reghdfe does (groups not counted)
f <- d[free, ]; K <- 4
X <- cbind(model.matrix(~ g + q, f), sapply(-K:-1, function(k) as.numeric(f$t - f$first == k)))
b <- qr.coef(qr(X), f$shootings)
u <- f$shootings - drop(X %*% b)
bread <- solve(crossprod(X))
meat <- crossprod(rowsum(u * X, f$g))
G <- nlevels(d$g); n <- nrow(f)
factor <- G / (G - 1) * (n - 1) / (n - K - nlevels(d$q))
V <- factor * bread %*% meat %*% bread
last <- ncol(X) - (K - 1):0
lead <- b[last]
lead_F <- drop(t(lead) %*% solve(V[last, last], lead)) / K

# ---- Poisson: extended two-way regression on all cells, and imputation with the jackknife
# Groups without an event in the control cells are expected to have none; glm is spared them.
expected <- function(d, control) {
  count <- tapply(d$shootings * control, d$group, sum)
  alive <- d$group %in% names(count)[count > 0]
  use <- d[control & alive, ]
  fit <- glm(shootings ~ factor(group) + factor(quarter), poisson, use, control = tight)
  mu <- rep(0, nrow(d))
  mu[alive] <- predict(fit, d[alive, ], type = "response")
  mu
}
ratio <- function(d, control, target) log(sum(d$shootings[target]) / sum(expected(d, control)[target]))
jackknife <- function(control, target) {
  whole <- ratio(d, control, target)
  out <- sapply(levels(d$g), function(group) {
    keep <- d$group != group
    ratio(d[keep, ], control[keep], target[keep])
  })
  c(whole, sqrt((G - 1) / G * sum((out - whole)^2)))
}
seen <- ave(d$shootings * free, d$group, FUN = sum) > 0
full <- d[seen, ]
full$cell <- relevel(factor(full$cell), "none")
# A cohort and quarter without events has no finite coefficient: leaving its cells out is the same.
empty <- tapply(full$shootings, full$cell, sum)
full <- full[!(full$cell %in% names(empty)[empty == 0]), ]
full$cell <- droplevels(full$cell)
etwfe <- glm(shootings ~ g + q + cell, poisson, full, control = tight)
bare <- transform(d[seen, ], cell = "none")
mu <- rep(0, nrow(d)); mu[seen] <- predict(etwfe, bare, type = "response")
extended <- log(sum(d$shootings[!free]) / sum(mu[!free]))
poisson_all <- jackknife(free, !free)
donut <- jackknife(free & d$t < d$first - 2, !free)

# ---- exposed: not called in, but somebody with the same alliance number is
begins <- tapply(d$first, d$alliance, min)
exposed <- free & d$t >= begins[as.character(d$alliance)]
direct <- jackknife(free & !exposed, !free)
beside <- jackknife(free & !exposed, exposed)
total <- jackknife(free & !exposed, !free | exposed)

text <- function(x) paste0("[", paste(formatC(x, digits = 14, format = "g"), collapse = ", "), "]")
lines <- c(
  sprintf(' "R": "%s"', R.version.string),
  sprintf(' "imputation": %s', text(overall[1:2])),
  sprintf(' "imputation_events": %s', text(events[1:2, ])),
  sprintf(' "gardner": %s', text(overall[c(1, 3)])),
  sprintf(' "gardner_events": %s', text(events[c(1, 3), ])),
  sprintf(' "leads": %s', text(lead)),
  sprintf(' "leads_se": %s', text(sqrt(diag(V)[last]))),
  sprintf(' "leads_F": %s', text(lead_F)),
  sprintf(' "extended": %s', text(extended)),
  sprintf(' "poisson": %s', text(poisson_all)),
  sprintf(' "donut": %s', text(donut)),
  sprintf(' "direct": %s', text(direct)),
  sprintf(' "beside": %s', text(beside)),
  sprintf(' "total": %s', text(total))
)
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/did_groups.json")
