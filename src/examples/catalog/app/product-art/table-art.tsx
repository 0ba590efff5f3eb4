interface ArtProps {
  tint: string
}

export function Mug({ tint }: ArtProps) {
  return (
    <g>
      <path d="M158 108c46-8 46 64-4 58" fill="none" stroke={tint} strokeWidth="14" />
      <path d="M162 118c30-4 28 42-6 38" fill="none" stroke="#000" strokeWidth="3" opacity=".16" />
      <path d="M58 86h104v74c0 24-12 37-32 37H90c-20 0-32-13-32-37z" fill={tint} />
      <path d="M130 86h32v74c0 24-12 37-32 37h-18c16-26 20-72 18-111z" fill="#000" opacity=".13" />
      <path
        d="M72 104v50c0 12 3 19 9 25"
        fill="none"
        stroke="#fff"
        strokeWidth="7"
        strokeLinecap="round"
        opacity=".38"
      />
      <path d="M70 184c5 9 12 13 20 13h40c8 0 15-4 20-13-20 5-60 5-80 0z" fill="#e3d3b8" />
      <ellipse cx="110" cy="86" rx="52" ry="11" fill={tint} />
      <ellipse cx="110" cy="86" rx="52" ry="11" fill="#fff" opacity=".25" />
      <ellipse cx="110" cy="87" rx="45" ry="8" fill="#3d2416" />
      <ellipse cx="104" cy="86" rx="24" ry="3.5" fill="#8a5a38" opacity=".7" />
      <path
        d="M92 66c-8-10 8-16 0-28M118 66c-8-10 8-16 0-28"
        fill="none"
        stroke="#9a9086"
        strokeWidth="4"
        strokeLinecap="round"
        opacity=".45"
      />
    </g>
  )
}

export function PepperMill({ tint }: ArtProps) {
  return (
    <g>
      <path
        d="M92 198c-8 0-8-11-4-18 9-14 16-26 14-44-1-12-8-18-8-28 0-9 52-9 52 0 0 10-7 16-8 28-2 18 5 30 14 44 4 7 4 18-4 18z"
        fill={tint}
      />
      <path
        d="M124 100c12 0 22 3 22 8 0 10-7 16-8 28-2 18 5 30 14 44 4 7 4 18-4 18h-18c8-30 2-60-6-98z"
        fill="#000"
        opacity=".18"
      />
      <path d="M104 120c4 8 5 24 2 34" fill="none" stroke="#fff" strokeWidth="5" strokeLinecap="round" opacity=".35" />
      <path d="M98 184c10 3 34 3 44 0" fill="none" stroke="#000" strokeWidth="2" opacity=".25" />
      <rect x="98" y="98" width="44" height="8" rx="3" fill="#c8ccd0" />
      <rect x="98" y="98" width="44" height="3" rx="1.5" fill="#fff" opacity=".6" />
      <path d="M94 92c-6-22 8-40 26-40s32 18 26 40c-2 8-50 8-52 0z" fill={tint} />
      <path d="M128 53c14 4 23 20 18 39-1 4-10 6-20 6 8-14 8-32 2-45z" fill="#000" opacity=".16" />
      <path d="M102 82c-2-10 3-18 10-21" fill="none" stroke="#fff" strokeWidth="5" strokeLinecap="round" opacity=".4" />
      <circle cx="120" cy="44" r="9" fill="#c8ccd0" />
      <circle cx="117" cy="41" r="3" fill="#fff" opacity=".8" />
    </g>
  )
}

/** From the smallest at the back to the one that holds them all. */
const stack = [
  { half: 44, top: 92, light: 0.32 },
  { half: 56, top: 104, light: 0.2 },
  { half: 68, top: 117, light: 0.1 },
  { half: 82, top: 132, light: 0 },
]

export function Bowls({ tint }: ArtProps) {
  return (
    <g>
      {stack.map(({ half, top, light }) => (
        <Bowl key={half} half={half} top={top} light={light} tint={tint} />
      ))}
      <path
        d="M52 150c6 16 16 26 30 31"
        fill="none"
        stroke="#fff"
        strokeWidth="6"
        strokeLinecap="round"
        opacity=".36"
      />
    </g>
  )
}

function Bowl({ half, top, light, tint }: ArtProps & { half: number; top: number; light: number }) {
  const shape = `M${120 - half} ${top}h${2 * half}c0 ${0.45 * half}-${0.3 * half} ${0.78 * half}-${0.62 * half} ${0.78 * half}h-${0.76 * half}c-${0.32 * half} 0-${0.62 * half}-${0.33 * half}-${0.62 * half}-${0.78 * half}z`
  const ring = half * 0.11
  return (
    <g>
      <path d={shape} fill={tint} />
      <path d={shape} fill="#fff" opacity={light} />
      <ellipse cx="120" cy={top} rx={half} ry={ring} fill={tint} />
      <ellipse cx="120" cy={top} rx={half} ry={ring} fill="#fff" opacity={0.22 + light} />
      <ellipse cx="120" cy={top + 1} rx={half - 5} ry={ring - 2.5} fill="#000" opacity=".22" />
    </g>
  )
}
