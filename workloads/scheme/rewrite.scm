; rewrite: a theorem prover by term rewriting. A statement is rewritten by equations until none applies,
; and what is left, nested conditionals, is checked for being a tautology. Symbolic lists, most of which
; die at once, on rules that live as long as the program.
;
; (run size) proves a chain of implications between statements about lists, the longer and the larger the
; terms the greater size, and refutes the same chain with one link missing. It returns both verdicts and
; the number of equations that were applied.
;
;= size 0 answer (#t #f 162) allocates 1560000
;= size 1 answer (#t #f 1485) allocates 8802000
;= size 2 answer (#t #f 7611) allocates 41004000
;= size 3 answer (#t #f 24073) allocates 141847000
;= size 5 answer (#t #f 120109) allocates 860420000

; --- equations: (left right); one-letter symbols in them are variables ---------------------------------

(define equations
  '(((implies p q) (if p q (true)))
    ((and p q) (if p q (false)))
    ((or p q) (if p (true) q))
    ((not p) (if p (false) (true)))
    ((iff p q) (and (implies p q) (implies q p)))
    ((if (if p q r) x y) (if p (if q x y) (if r x y)))
    ((equal x x) (true))
    ((equal (plus x y) (plus x z)) (equal y z))
    ((equal (cons x y) (cons u v)) (and (equal x u) (equal y v)))
    ((append (append x y) z) (append x (append y z)))
    ((append (nil) x) x)
    ((append (cons x y) z) (cons x (append y z)))
    ((reverse (nil)) (nil))
    ((reverse (append x y)) (append (reverse y) (reverse x)))
    ((reverse (reverse x)) x)
    ((reverse (cons x y)) (append (reverse y) (cons x (nil))))
    ((length (nil)) (zero))
    ((length (append x y)) (plus (length x) (length y)))
    ((length (reverse x)) (length x))
    ((length (cons x y)) (plus (one) (length y)))
    ((member x (nil)) (false))
    ((member x (append y z)) (or (member x y) (member x z)))
    ((member x (cons y z)) (or (equal x y) (member x z)))
    ((member x (reverse y)) (member x y))
    ((plus (zero) x) x)
    ((plus (plus x y) z) (plus x (plus y z)))
    ((times (zero) x) (zero))
    ((times (one) x) x)
    ((times (plus x y) z) (plus (times x z) (times y z)))
    ((times (times x y) z) (times x (times y z)))
    ((difference (plus x y) x) y)
    ((difference x x) (zero))
    ((less (plus x y) (plus x z)) (less y z))
    ((less x x) (false))))

; An association list from an operator to the equations whose left side begins with it.
(define (index-equations equations index)
  (if (null? equations)
      index
      (let* ((operator (caar (car equations)))
             (entry (assq operator index)))
        (if entry
            (begin
              (set-cdr! entry (append (cdr entry) (list (car equations))))
              (index-equations (cdr equations) index))
            (index-equations (cdr equations)
                             (cons (list operator (car equations)) index))))))

(define index (index-equations equations '()))

; --- matching ------------------------------------------------------------------------------------------

; The bindings under which the pattern is the term, or #f. A variable that comes twice matches equals.
(define (match pattern term bindings)
  (cond ((not bindings) #f)
        ((pair? pattern)
         (and (pair? term)
              (eq? (car pattern) (car term))
              (match-all (cdr pattern) (cdr term) bindings)))
        (else
         (let ((known (assq pattern bindings)))
           (cond ((not known) (cons (cons pattern term) bindings))
                 ((equal? (cdr known) term) bindings)
                 (else #f))))))

(define (match-all patterns terms bindings)
  (cond ((null? patterns) (and (null? terms) bindings))
        ((null? terms) #f)
        (else
         (let ((more (match (car patterns) (car terms) bindings)))
           (and more (match-all (cdr patterns) (cdr terms) more))))))

(define (substitute bindings term)
  (cond ((pair? term) (cons (car term) (substitute-all bindings (cdr term))))
        ((assq term bindings) => cdr)
        (else term)))

(define (substitute-all bindings terms)
  (map (lambda (term) (substitute bindings term)) terms))

; --- rewriting -----------------------------------------------------------------------------------------

(define applied 0)

(define (rewrite term)
  (if (pair? term)
      (let ((inner (cons (car term) (map rewrite (cdr term)))))
        (rewrite-here inner (cdr (or (assq (car inner) index) '(none)))))
      term))

(define (rewrite-here term equations)
  (if (null? equations)
      term
      (let ((bindings (match (caar equations) term '())))
        (cond (bindings
               (set! applied (+ applied 1))
               (rewrite (substitute bindings (cadr (car equations)))))
              (else (rewrite-here term (cdr equations)))))))

; --- tautologies ---------------------------------------------------------------------------------------

(define (true? term known) (or (equal? term '(true)) (member term known)))
(define (false? term known) (or (equal? term '(false)) (member term known)))

(define (tautology? term known-true known-false)
  (cond ((true? term known-true) #t)
        ((false? term known-false) #f)
        ((not (and (pair? term) (eq? (car term) 'if))) #f)
        (else
         (let ((test (cadr term)))
           (cond ((true? test known-true)
                  (tautology? (caddr term) known-true known-false))
                 ((false? test known-false)
                  (tautology? (cadddr term) known-true known-false))
                 (else
                  (and (tautology? (caddr term) (cons test known-true) known-false)
                       (tautology? (cadddr term) known-true (cons test known-false)))))))))

(define (proven? statement) (tautology? (rewrite statement) '() '()))

; --- the statements ------------------------------------------------------------------------------------

; (reverse (append (reverse (append ... )) list)), of so many levels.
(define (tower levels)
  (if (= levels 0)
      'm
      `(reverse (append (reverse ,(tower (- levels 1))) (cons ,(if (even? levels) 'g 'h) (nil))))))

(define (statement number levels)
  (case (modulo number 3)
    ((0) `(less (plus (length ,(tower levels)) ,(constant number)) (times (length ,(tower 2)) k)))
    ((1) `(equal (difference (plus k (length ,(tower levels))) k)
                 (times (plus i ,(constant number)) j)))
    (else `(less (length (append ,(tower levels) (reverse ,(tower 1)))) ,(constant number)))))

; Statements differ in it.
(define (constant number)
  (if (= number 0) '(zero) `(plus (one) ,(constant (- number 1)))))

; (implies (and (implies s1 s2) (and (implies s2 s3) ...)) (implies s1 sn)); without the missing link.
(define (chain length levels missing)
  (define (links number)
    (let ((link (if (= number missing)
                    '(true)
                    `(implies ,(statement number levels) ,(statement (+ number 1) levels)))))
      (if (= (+ number 1) length)
          link
          `(and ,link ,(links (+ number 1))))))
  `(implies ,(links 1) (implies ,(statement 1 levels) ,(statement length levels))))

(define (run size)
  (set! applied 0)
  (let* ((length (+ size 3))
         (levels (* 4 size))
         (proof (proven? (chain length levels 0)))
         (refutation (proven? (chain length levels 2))))
    (list proof refutation applied)))
