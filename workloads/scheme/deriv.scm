; deriv: symbolic derivatives, simplified. Expressions are lists; what a derivative shares with its
; expression stays shared.
;
; (run size) differentiates a polynomial of two variables 2,000 size times, another one each time, and
; checks each derivative against the difference quotient, which for polynomials in integers can be
; computed exactly. It returns the number of derivatives, and the sum of their values and of their sizes.
;
;= size 1 answer (2000 143964 175532) allocates 96671000
;= size 2 answer (4000 287928 351064) allocates 193211000
;= size 3 answer (6000 431892 526596) allocates 289752000
;= size 5 answer (10000 719820 877660) allocates 482832000

(define (variable? expression) (symbol? expression))

(define (sum left right)
  (cond ((and (integer? left) (integer? right)) (+ left right))
        ((eqv? left 0) right)
        ((eqv? right 0) left)
        ((equal? left right) (product 2 left))
        (else `(+ ,left ,right))))

(define (product left right)
  (cond ((and (integer? left) (integer? right)) (* left right))
        ((or (eqv? left 0) (eqv? right 0)) 0)
        ((eqv? left 1) right)
        ((eqv? right 1) left)
        ((integer? right) `(* ,right ,left))
        (else `(* ,left ,right))))

(define (power base exponent)
  (cond ((= exponent 0) 1)
        ((= exponent 1) base)
        (else `(^ ,base ,exponent))))

(define (derivative expression variable)
  (cond ((integer? expression) 0)
        ((variable? expression) (if (eq? expression variable) 1 0))
        (else
         (let ((left (cadr expression)) (right (caddr expression)))
           (case (car expression)
             ((+) (sum (derivative left variable) (derivative right variable)))
             ((*) (sum (product left (derivative right variable))
                       (product (derivative left variable) right)))
             ((^) (product (product right (power left (- right 1)))
                           (derivative left variable)))
             (else (error "not an expression:" expression)))))))

(define (value expression x y)
  (cond ((integer? expression) expression)
        ((eq? expression 'x) x)
        ((eq? expression 'y) y)
        (else
         (let ((left (value (cadr expression) x y)))
           (case (car expression)
             ((+) (+ left (value (caddr expression) x y)))
             ((*) (* left (value (caddr expression) x y)))
             (else (to-the left (caddr expression))))))))

(define (to-the base exponent)
  (if (= exponent 0) 1 (* base (to-the base (- exponent 1)))))

(define (size-of expression)
  (if (pair? expression) (+ 1 (size-of (cadr expression)) (size-of (caddr expression))) 1))

; A sum of terms in x and y of at most the third degree, which depends on the number.
(define (polynomial number terms)
  (if (= terms 0)
      (modulo number 7)
      (let ((rest (polynomial (+ (* 5 number) 3) (- terms 1))))
        (case (modulo (quotient number 3) 4)
          ((0) `(+ (* ,(+ 1 (modulo number 5)) (^ x 3)) ,rest))
          ((1) `(+ (* (* x x) (+ y ,(modulo number 4))) ,rest))
          ((2) `(+ ,rest (^ (+ (* 2 x) y) 2)))
          (else `(+ (* x (* y ,(modulo number 9))) ,rest))))))

; The derivative of a polynomial p of at most the third degree by x at 0, exactly:
; (8 (p(1) - p(-1)) - (p(2) - p(-2))) / 12.
(define (difference-quotient p y)
  (quotient (- (* 8 (- (value p 1 y) (value p -1 y))) (- (value p 2 y) (value p -2 y))) 12))

(define (run size)
  (do ((number 0 (+ number 1))
       (values 0 (let* ((p (polynomial (modulo number 1000) 12))
                        (d (derivative p 'x))
                        (at-zero (value d 0 3)))
                   (if (not (= at-zero (difference-quotient p 3)))
                       (error "a wrong derivative:" at-zero p))
                   (set! sizes (+ sizes (size-of d)))
                   (+ values at-zero))))
      ((= number (* 2000 size))
       (let ((answer (list number values sizes)))
         (set! sizes 0)
         answer))))

(define sizes 0)
